import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { deferrable, expect, isDeferred, type Owner, whenKnown } from "../../args";
import { address, identifier, isInside, vpcCidr } from "../../schemas";
import { type LogGroupArgs, logGroup } from "./log-group";

/** Where AWS Network Firewall stands in a VPC. {@link PerimeterNetwork.inspection} is one. */
export interface InspectionArgs {
  /** Route table of the Internet gateway; it gets a route to each DMZ subnet. */
  gatewayRouteTableId: pulumi.Input<string>;
  /** Availability zones with a DMZ subnet. */
  zones: InspectionZoneArgs[];
}

/** An availability zone with an endpoint of the firewall. */
export interface InspectionZoneArgs {
  /** Subnet of the endpoint; its own route table leads to the Internet gateway. */
  firewallSubnetId: pulumi.Input<string>;
  /** The DMZ subnets of the zone. */
  dmz: InspectedSubnetArgs[];
}

/** A DMZ subnet behind the firewall. */
export interface InspectedSubnetArgs {
  /** Its IPv4 block. */
  cidr: string;
  /** Its route table, without a default route: it gets one to the endpoint of its zone. */
  routeTableId: pulumi.Input<string>;
}

/** AWS Network Firewall between the Internet gateway and the DMZ. */
export interface NetworkFirewallArgs extends NetworkFirewallLogsArgs {
  /** Addresses of the front ends in the DMZ: SMTP passes to them alone, and nothing else gets out. At least one. */
  frontEnds: pulumi.Input<string>[];
  /** Where it stands: the output `inspection` of PerimeterNetwork. */
  inspection: InspectionArgs;
}

/** The logs of AWS Network Firewall in CloudWatch: every flow, and what is dropped. */
export interface NetworkFirewallLogsArgs {
  /** How the logs are kept. @default 365 days */
  logs?: LogGroupArgs | undefined;
}

const zone = z.strictObject(
  {
    firewallSubnetId: deferrable(identifier),
    dmz: z
      .array(
        z.strictObject(
          { cidr: vpcCidr, routeTableId: deferrable(identifier) },
          { error: "a subnet with cidr and routeTableId" },
        ),
        { error: "a list of subnets with cidr and routeTableId" },
      )
      .min(1, { error: "at least one subnet" }),
  },
  { error: "a zone with firewallSubnetId and dmz" },
);

const inspection = z.strictObject(
  {
    gatewayRouteTableId: deferrable(identifier),
    zones: z.array(zone, { error: "a list of zones with firewallSubnetId and dmz" }),
  },
  { error: "the output inspection of PerimeterNetwork, or { gatewayRouteTableId, zones }" },
);

export const networkFirewall = z
  .strictObject(
    {
      frontEnds: z
        .array(deferrable(address), { error: "a list of addresses" })
        .min(1, { error: "at least one address" }),
      inspection,
      logs: logGroup.prefault({}),
    },
    { error: "an object with frontEnds and inspection" },
  )
  .optional();
export type NetworkFirewall = NonNullable<z.output<typeof networkFirewall>>;

/** What switches the firewall of a whole perimeter on: `true`, or how its logs are kept. */
export const networkFirewallSwitch = z.preprocess(
  (value) => (value === true ? {} : value === false ? undefined : value),
  z.strictObject({ logs: logGroup.prefault({}) }, { error: "true, false or { logs }" }).optional(),
);

/**
 * Checks that the firewall stands before every DMZ subnet, and that the front ends are in one.
 *
 * @returns the addresses of the front ends; one that is not known yet resolves only if it is valid.
 * @throws pulumi.RunError
 */
export function checkInspection(
  who: Owner,
  { frontEnds, inspection }: NetworkFirewall,
  dmz: readonly { readonly cidr: string }[],
): pulumi.Input<string>[] {
  const blocks = dmz.map(({ cidr }) => cidr);
  const inspected = inspection.zones.flatMap((it) => it.dmz.map(({ cidr }) => cidr));
  const same = inspected.length === blocks.length && blocks.every((block) => inspected.includes(block));
  const expected = `each of the DMZ subnets ${blocks.join(", ")} in one zone`;
  expect(same, who, "networkFirewall.inspection.zones", inspected, expected);
  const known = inspection.zones.map(({ firewallSubnetId }) => firewallSubnetId).filter((id) => !isDeferred(id));
  expect(new Set(known).size === known.length, who, "networkFirewall.inspection.zones", known, "one subnet a zone");
  return frontEnds.map((frontEnd, i) =>
    whenKnown(frontEnd, (address) => {
      const path = `networkFirewall.frontEnds[${i}]`;
      expect(isInside(address, blocks), who, path, address, `an address inside the DMZ ${blocks.join(", ")}`);
      return address;
    }),
  );
}
