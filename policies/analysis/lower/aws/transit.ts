import type { NetId } from "../../model/network";
import type { Reason } from "../../model/provenance";
import type { ResourceSnapshot } from "../../model/snapshot";
import type { AddrSet } from "../../net/addr";
import { type Bounds, exactly } from "../../net/bounds";
import { type Resources, resolve, resolveOwner } from "../resources";
import { text } from "../values";
import type { Link } from "./links";
import { siteId, siteNetwork, sitesAt } from "./sites";
import { TransitTables } from "./transit-tables";
import * as types from "./types";
import type { Vpcs } from "./vpc";

/** One end of a transit gateway: a VPC, or a site that nobody creates. */
export interface Attachment {
  readonly resource: ResourceSnapshot;
  readonly network: NetId;
  /** What propagation adds to a route table. */
  readonly announces: Bounds<AddrSet>;
  /** Among routes of equal length the lowest wins. */
  readonly rank: number;
  /** Properties that switch the default table on. */
  readonly switches: { readonly association: string; readonly propagation: string };
  readonly doubt: Reason | null;
}

const VPC_ATTACHMENT = "aws:ec2transitgateway/vpcAttachment:VpcAttachment";

const SWITCHES = {
  association: "transitGatewayDefaultRouteTableAssociation",
  propagation: "transitGatewayDefaultRouteTablePropagation",
};

/** What may end at a transit gateway beside VPCs, in the order in which routes of equal length win. */
const ENDS = [
  ["aws:directconnect/gatewayAssociation:GatewayAssociation", "associatedGatewayId", "Direct Connect association"],
  ["aws:ec2transitgateway/connect:Connect", "transitGatewayId", "Connect attachment"],
  ["aws:ec2/vpnConnection:VpnConnection", "transitGatewayId", "VPN connection"],
  ["aws:ec2transitgateway/peeringAttachment:PeeringAttachment", "transitGatewayId", "transit gateway peering"],
  ["aws:ec2transitgateway/peeringAttachment:PeeringAttachment", "peerTransitGatewayId", "transit gateway peering"],
] as const;

/**
 * Transit gateways as links among their attachments. With the default table on, which it is unless disabled, every attachment
 * reaches every other; else the associated table decides by its static routes and propagations. Transit Gateways Guide, "VPC
 * attachments". Group references need a switch on the gateway and on the attachment, off by default.
 */
export function lowerTransit(resources: Resources, vpcs: Vpcs): Link[] {
  return resources.ofType(...types.TRANSIT_GATEWAY).flatMap((gateway) => {
    const attachments = attachmentsOf(resources, vpcs, gateway);
    const tables = new TransitTables(resources, gateway, attachments);
    return attachments.flatMap((from) =>
      attachments.flatMap((to): Link[] => {
        if (to.network === from.network || to.resource === from.resource) return [];
        return [
          {
            from: from.network,
            to: to.network,
            resource: gateway,
            text: `transit gateway ${gateway.name}`,
            enters: (target) => target.kind === "transit" && target.resource === gateway,
            forwards: tables.forwards(from, to),
            references: [gateway, from.resource, to.resource].every(
              (item) => text(item.properties.securityGroupReferencingSupport) === "enable",
            ),
            doubt: from.doubt ?? to.doubt,
          },
        ];
      }),
    );
  });
}

/** Whether something may be attached that the stack does not show: to a gateway that exists already, or that is shared. */
export function hasOpenEnds(resources: Resources, gateway: ResourceSnapshot): boolean {
  if (gateway.external) return true;
  return resources.ofType("aws:ram/resourceAssociation:ResourceAssociation").some((item) => {
    const owner = resolve(resources, item, "resourceArn", item.properties.resourceArn, types.TRANSIT_GATEWAY);
    return owner.certain.includes(gateway) || owner.possible.includes(gateway);
  });
}

function attachmentsOf(resources: Resources, vpcs: Vpcs, gateway: ResourceSnapshot): Attachment[] {
  const networks = resources.ofType(VPC_ATTACHMENT).flatMap((resource) => {
    const { transitGatewayId, vpcId } = resource.properties;
    const owner = resolveOwner(resources, resource, "transitGatewayId", transitGatewayId, types.TRANSIT_GATEWAY);
    const mine = owner.certain.includes(gateway);
    if (!mine && !owner.possible.includes(gateway)) return [];
    const { certain, possible } = vpcs.networksOf(resolveOwner(resources, resource, "vpcId", vpcId, types.VPC));
    const unsure = {
      text: `what the attachment ${resource.name} joins is not known`,
      at: { urn: resource.urn, path: mine ? "vpcId" : "transitGatewayId" },
    };
    return [...certain, ...possible].map(
      (network): Attachment => ({
        resource,
        network,
        announces: vpcs.network(network).space,
        rank: 1,
        switches: SWITCHES,
        doubt: mine && possible.length === 0 ? null : unsure,
      }),
    );
  });
  const sites = sitesAt(resources, gateway, ENDS, types.TRANSIT_GATEWAY).map((site): Attachment => {
    const network = siteNetwork(site);
    vpcs.declare(network);
    // Static routes of a VPN connection on a transit gateway are routes of its tables: the connection announces none.
    const announces = site.routes === null ? network.space : exactly<AddrSet>({ v4: [], v6: [] });
    return {
      resource: site.resource,
      network: siteId(site.resource),
      announces,
      rank: 2 + ENDS.findIndex(([type]) => type === site.resource.type),
      switches: SWITCHES,
      doubt: site.doubt,
    };
  });
  return [...networks, ...sites];
}
