import type { NetId } from "../../model/network";
import type { Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown } from "../../model/snapshot";
import { type AddrSet, allAddresses, noAddresses, subtract, union, unionAll } from "../../net/addr";
import { type Bounds, between, exactly } from "../../net/bounds";
import { cidr, parseCidr, toCidrs } from "../../net/cidr";
import { type Resources, resolve } from "../resources";
import { flag, text } from "../values";
import type { Link } from "./links";
import * as types from "./types";
import type { Vpcs } from "./vpc";

interface Attachment {
  readonly resource: ResourceSnapshot;
  readonly network: NetId;
}

const ATTACHMENT = new Set(["aws:ec2transitgateway/vpcAttachment:VpcAttachment"]);
const TRANSIT_TABLE = new Set(["aws:ec2transitgateway/routeTable:RouteTable"]);
const ASSOCIATION = "aws:ec2transitgateway/routeTableAssociation:RouteTableAssociation";
const PROPAGATION = "aws:ec2transitgateway/routeTablePropagation:RouteTablePropagation";
const TRANSIT_ROUTE = "aws:ec2transitgateway/route:Route";

/**
 * Transit gateways as links among their VPC attachments. With the default table on, which it is unless disabled, every
 * attachment reaches every other; else the associated table decides by its static routes and propagations. Transit Gateways
 * Guide, "VPC attachments". Group references need a switch on the gateway and on the attachment, off by default.
 */
export function lowerTransit(resources: Resources, vpcs: Vpcs): Link[] {
  return resources.ofType(...types.TRANSIT_GATEWAY).flatMap((gateway) => {
    const attachments = attachmentsOf(resources, vpcs, gateway);
    return attachments.flatMap((from) =>
      attachments.filter((to) => to.network !== from.network).map((to) => link(resources, vpcs, gateway, from, to)),
    );
  });
}

/** Whether something is attached that is no VPC of the stack: a VPN, another gateway, or what nobody can see. */
export function hasOpenEnds(resources: Resources, gateway: ResourceSnapshot): boolean {
  if (gateway.external) return true;
  const ends = [
    ["aws:ec2/vpnConnection:VpnConnection", "transitGatewayId"],
    ["aws:ec2transitgateway/peeringAttachment:PeeringAttachment", "transitGatewayId"],
    ["aws:ec2transitgateway/connect:Connect", "transitGatewayId"],
    ["aws:directconnect/gatewayAssociation:GatewayAssociation", "associatedGatewayId"],
    ["aws:ram/resourceAssociation:ResourceAssociation", "resourceArn"],
  ] as const;
  return ends.some(([type, property]) =>
    resources.ofType(type).some((item) => {
      const owner = resolve(resources, item, property, item.properties[property], types.TRANSIT_GATEWAY);
      return owner.certain.includes(gateway) || owner.possible.includes(gateway);
    }),
  );
}

function attachmentsOf(resources: Resources, vpcs: Vpcs, gateway: ResourceSnapshot): Attachment[] {
  return resources
    .ofType(...ATTACHMENT)
    .filter((item) => {
      const owner = resolve(
        resources,
        item,
        "transitGatewayId",
        item.properties.transitGatewayId,
        types.TRANSIT_GATEWAY,
      );
      return owner.certain.includes(gateway) || owner.possible.includes(gateway);
    })
    .map((item) => ({
      resource: item,
      network: vpcs.networkOf(resolve(resources, item, "vpcId", item.properties.vpcId, types.VPC)),
    }));
}

function link(resources: Resources, vpcs: Vpcs, gateway: ResourceSnapshot, from: Attachment, to: Attachment): Link {
  return {
    from: from.network,
    to: to.network,
    resource: gateway,
    text: `transit gateway ${gateway.name}`,
    enters: (target) => target.kind === "transit" && target.resource === gateway,
    forwards: forwards(resources, vpcs, gateway, from, to),
    references: [gateway, from.resource, to.resource].every(
      (item) => text(item.properties.securityGroupReferencingSupport) === "enable",
    ),
    doubt: null,
  };
}

/** What the table of `from` sends to `to`: longest prefix first, static before propagated on equal length. */
function forwards(
  resources: Resources,
  vpcs: Vpcs,
  gateway: ResourceSnapshot,
  from: Attachment,
  to: Attachment,
): Bounds<AddrSet> {
  const space = vpcs.network(to.network).space;
  const table = associated(resources, from);
  const usesDefault =
    table === null &&
    isOn(from.resource.properties.transitGatewayDefaultRouteTableAssociation) &&
    isOn(gateway.properties.defaultRouteTableAssociation, "enable");
  const why: Reason = { text: "the transit gateway's route table is not known", at: { urn: gateway.urn } };
  if (table === "unknown") return between(noAddresses, allAddresses, [why]);
  if (table === null && !usesDefault) return exactly(noAddresses);
  const entries: { set: AddrSet; rank: number; hit: boolean; unsure: boolean }[] = [];
  if (table === null || propagates(resources, to, table)) {
    if (
      table !== null ||
      (isOn(to.resource.properties.transitGatewayDefaultRouteTablePropagation) &&
        isOn(gateway.properties.defaultRouteTablePropagation, "enable"))
    ) {
      for (const block of separate(space.may))
        entries.push({ set: block, rank: 1, hit: true, unsure: space.why.length > 0 });
    }
  }
  for (const route of resources.ofType(TRANSIT_ROUTE)) {
    const owner = resolve(
      resources,
      route,
      "transitGatewayRouteTableId",
      route.properties.transitGatewayRouteTableId,
      new Set([...TRANSIT_TABLE, ...types.TRANSIT_GATEWAY]),
    );
    const here = table === null ? owner.certain.includes(gateway) : owner.certain.includes(table);
    if (!here) continue;
    const block = text(route.properties.destinationCidrBlock);
    const set = typeof block === "string" ? parseCidr(block) : null;
    if (set === null) return between(noAddresses, allAddresses, [why]);
    const target = resolve(
      resources,
      route,
      "transitGatewayAttachmentId",
      route.properties.transitGatewayAttachmentId,
      ATTACHMENT,
    );
    const hole = flag(route.properties.blackhole) === true;
    entries.push({
      set,
      rank: 0,
      hit: !hole && target.certain.includes(to.resource),
      unsure: target.possible.length > 0 || target.foreign.some((id) => id instanceof Unknown),
    });
  }
  entries.sort((a, b) => size(a.set) - size(b.set) || a.rank - b.rank);
  let claimed = noAddresses;
  const must: AddrSet[] = [];
  const may: AddrSet[] = [];
  for (const entry of entries) {
    const free = subtract(entry.set, claimed);
    if (entry.hit && !entry.unsure) must.push(free);
    if (entry.hit || entry.unsure) may.push(free);
    claimed = union(claimed, entry.set);
  }
  const [least, most] = [unionAll(must), unionAll(may)];
  return between(least, most, entries.some((entry) => entry.unsure) ? [why] : []);
}

/** Each block of a space is a route of its own: propagation adds one for every CIDR block of the VPC. */
function separate(set: AddrSet): AddrSet[] {
  return toCidrs(set).map((block) => cidr(block));
}

function associated(resources: Resources, attachment: Attachment): ResourceSnapshot | "unknown" | null {
  for (const item of resources.ofType(ASSOCIATION)) {
    const owner = resolve(
      resources,
      item,
      "transitGatewayAttachmentId",
      item.properties.transitGatewayAttachmentId,
      ATTACHMENT,
    );
    if (!owner.certain.includes(attachment.resource)) continue;
    return (
      resolve(resources, item, "transitGatewayRouteTableId", item.properties.transitGatewayRouteTableId, TRANSIT_TABLE)
        .certain[0] ?? "unknown"
    );
  }
  return null;
}

function propagates(resources: Resources, attachment: Attachment, table: ResourceSnapshot): boolean {
  return resources.ofType(PROPAGATION).some((item) => {
    const owner = resolve(
      resources,
      item,
      "transitGatewayAttachmentId",
      item.properties.transitGatewayAttachmentId,
      ATTACHMENT,
    );
    const into = resolve(
      resources,
      item,
      "transitGatewayRouteTableId",
      item.properties.transitGatewayRouteTableId,
      TRANSIT_TABLE,
    );
    return owner.certain.includes(attachment.resource) && into.certain.includes(table);
  });
}

/** Booleans on the attachment, `enable`/`disable` on the gateway; both on by default. */
function isOn(value: ResourceSnapshot["properties"][string] | undefined, on: string | boolean = true): boolean {
  return value === undefined || value === null || value instanceof Unknown || value === on;
}

function size(set: AddrSet): number {
  return (
    set.v4.reduce((sum, [low, high]) => sum + high - low + 1, 0) +
    Number(set.v6.reduce((sum, [low, high]) => sum + high - low + 1n, 0n))
  );
}
