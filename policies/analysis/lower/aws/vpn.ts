import type { NetId } from "../../model/network";
import type { Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown } from "../../model/snapshot";
import { allAddresses } from "../../net/addr";
import { exactly } from "../../net/bounds";
import { type Resources, resolve, resolveOwner } from "../resources";
import type { Link } from "./links";
import type { Target } from "./routes";
import { type Site, sentTo, siteId, siteNetwork, sitesAt } from "./sites";
import { VPC } from "./types";
import type { Vpcs } from "./vpc";

const GATEWAY = new Set(["aws:ec2/vpnGateway:VpnGateway"]);
const ATTACHMENT = "aws:ec2/vpnGatewayAttachment:VpnGatewayAttachment";

/** What may end at a virtual private gateway. */
const ENDS = [
  ["aws:ec2/vpnConnection:VpnConnection", "vpnGatewayId", "VPN connection"],
  ["aws:directconnect/gatewayAssociation:GatewayAssociation", "associatedGatewayId", "Direct Connect association"],
  ["aws:directconnect/privateVirtualInterface:PrivateVirtualInterface", "vpnGatewayId", "virtual interface"],
  [
    "aws:directconnect/hostedPrivateVirtualInterfaceAccepter:HostedPrivateVirtualInterfaceAccepter",
    "vpnGatewayId",
    "virtual interface",
  ],
] as const;

/** The sites that a virtual private gateway of the stack leads to; where the stack shows none, one of which nothing is known. */
export function sitesOf(resources: Resources, gateway: ResourceSnapshot): readonly Site[] {
  const sites = sitesAt(resources, gateway, ENDS, GATEWAY);
  return sites.length > 0
    ? sites
    : [{ resource: gateway, text: `VPN gateway ${gateway.name}`, routes: null, doubt: null }];
}

/** The gateway that a route leads to: by itself, or by the resource that attaches it. */
export function vpnGatewayOf(resources: Resources, named: ResourceSnapshot): ResourceSnapshot | null {
  if (GATEWAY.has(named.type)) return named;
  const { certain } = resolve(resources, named, "vpnGatewayId", named.properties.vpnGatewayId, GATEWAY);
  return certain.length === 1 ? (certain[0] ?? null) : null;
}

/** Whether the stack shows the gateway that a route leads to, and with it what it leads to. */
export function showsVpn(resources: Resources, target: Target): boolean {
  if (target.kind !== "vpn") return false;
  const gateway = vpnGatewayOf(resources, target.resource);
  return gateway !== null && !gateway.external;
}

/** Virtual private gateways as links between the VPC that they are attached to and the sites behind them. VPN User Guide. */
export function lowerVpn(resources: Resources, vpcs: Vpcs): Link[] {
  return resources.ofType(...GATEWAY).flatMap((gateway) => {
    if (gateway.external) return [];
    const edge = edgeDoubt(resources, gateway);
    return attachedTo(resources, vpcs, gateway).flatMap(({ network, doubt: loose }) =>
      sitesOf(resources, gateway).flatMap((site): Link[] => {
        vpcs.declare(siteNetwork(site));
        const shared = {
          resource: site.resource,
          text: site.text,
          references: false,
          doubt: loose ?? site.doubt ?? edge,
        };
        const enters = (target: Target) =>
          target.kind === "vpn" && vpnGatewayOf(resources, target.resource) === gateway;
        const there = siteId(site.resource);
        return [
          { ...shared, from: network, to: there, enters, forwards: sentTo(site) },
          { ...shared, from: there, to: network, enters: () => false, forwards: exactly(allAddresses) },
        ];
      }),
    );
  });
}

function attachedTo(
  resources: Resources,
  vpcs: Vpcs,
  gateway: ResourceSnapshot,
): { network: NetId; doubt: Reason | null }[] {
  const found = new Map<NetId, Reason | null>();
  const note = (holder: ResourceSnapshot, sure: boolean) => {
    const { vpcId } = holder.properties;
    if (vpcId === undefined || vpcId === null) return;
    const { certain, possible } = vpcs.networksOf(resolveOwner(resources, holder, "vpcId", vpcId, VPC));
    const doubt = {
      text: `which VPC the VPN gateway ${gateway.name} is attached to is not known`,
      at: { urn: holder.urn, path: "vpcId" },
    };
    const known = sure && possible.length === 0;
    for (const network of [...certain, ...possible])
      if (found.get(network) !== null) found.set(network, known ? null : doubt);
  };
  note(gateway, true);
  for (const item of resources.ofType(ATTACHMENT)) {
    const owner = resolveOwner(resources, item, "vpnGatewayId", item.properties.vpnGatewayId, GATEWAY);
    if (owner.certain.includes(gateway)) note(item, true);
    else if (owner.possible.includes(gateway)) note(item, false);
  }
  return [...found].map(([network, doubt]) => ({ network, doubt }));
}

/** A route table on the gateway may lead what it brings through a device. VPC User Guide, "Gateway route tables". */
function edgeDoubt(resources: Resources, gateway: ResourceSnapshot): Reason | null {
  const named = resources.ofType("aws:ec2/routeTableAssociation:RouteTableAssociation").find((item) => {
    const { gatewayId } = item.properties;
    const { certain, possible } = resolve(resources, item, "gatewayId", gatewayId, GATEWAY);
    return (
      certain.includes(gateway) ||
      possible.includes(gateway) ||
      (gatewayId instanceof Unknown && certain.length === 0 && gatewayId.dependsOn.includes(gateway.urn))
    );
  });
  if (named === undefined) return null;
  return { text: "what the route table of the VPN gateway leads through is not modelled", at: { urn: named.urn } };
}
