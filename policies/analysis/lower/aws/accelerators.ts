import type { Family, Protocol } from "../../model/network";
import type { Provenance, Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown, type Urn, type Value } from "../../model/snapshot";
import { allPorts, formatPorts, noPorts, type PortSet, ports } from "../../net/ports";
import * as ranges from "../../net/ranges";
import { type Resources, resolve, resolveOwner } from "../resources";
import { field, flag, integer, items, text } from "../values";
import { addressHolders } from "./public-addresses";
import * as types from "./types";
import type { SubnetKey, Vpcs } from "./vpc";

/** What arrives at an endpoint as the source of the connection: the client, or an edge location of the accelerator. */
export type Keeps = "client" | "edge";

/** Where an accelerator sends to. `address` is whoever has an Elastic IP; of `subnet` every interface is an endpoint. */
export type AcceleratorEndpoint =
  | { readonly kind: "machine" | "address"; readonly urns: ReadonlySet<Urn> }
  | { readonly kind: "balancer"; readonly urn: Urn }
  | { readonly kind: "subnet"; readonly key: SubnetKey }
  | { readonly kind: "unknown" };

/** A way through an accelerator: ports of an endpoint that a listener leads to. */
export interface Acceleration {
  readonly resource: ResourceSnapshot;
  readonly text: string;
  readonly at: Provenance;
  readonly endpoint: AcceleratorEndpoint;
  /** Ports of the endpoint. */
  readonly ports: PortSet;
  readonly protocol: Protocol | null;
  readonly family: Family;
  /** More than one where it is not known. */
  readonly keeps: readonly Keeps[];
  readonly doubts: readonly Reason[];
}

/** Whether it leads to a listener of a load balancer. */
export function acceleratesBalancer(way: Acceleration, balancer: Urn, listenerPort: number): boolean {
  const { endpoint } = way;
  const named = endpoint.kind === "unknown" || (endpoint.kind === "balancer" && endpoint.urn === balancer);
  return named && ranges.includes(way.ports, listenerPort);
}

const LISTENER = new Set(["aws:globalaccelerator/listener:Listener"]);
const ACCELERATOR = new Set(["aws:globalaccelerator/accelerator:Accelerator"]);
const CUSTOM_LISTENER = new Set(["aws:globalaccelerator/customRoutingListener:CustomRoutingListener"]);
const CUSTOM_ACCELERATOR = new Set(["aws:globalaccelerator/customRoutingAccelerator:CustomRoutingAccelerator"]);
const ENDPOINT = new Set([...types.BALANCER, ...types.INSTANCE, ...types.EIP]);

/**
 * Global Accelerator, standard and custom routing, listener by listener and endpoint by endpoint; weights, dials and health are
 * ignored. Global Accelerator Guide, "Preserve client IP addresses" and "Requirements for endpoints".
 */
export function lowerAccelerations(resources: Resources, vpcs: Vpcs): readonly Acceleration[] {
  return [
    ...resources
      .ofType("aws:globalaccelerator/endpointGroup:EndpointGroup")
      .flatMap((group) => ofGroup(resources, group)),
    ...resources
      .ofType("aws:globalaccelerator/customRoutingEndpointGroup:CustomRoutingEndpointGroup")
      .flatMap((group) => ofCustomGroup(resources, vpcs, group)),
  ];
}

function ofGroup(resources: Resources, group: ResourceSnapshot): Acceleration[] {
  const listeners = listenersOf(resources, group, LISTENER, ACCELERATOR);
  return items(group.properties.endpointConfigurations).flatMap((item, i) => {
    const at = { urn: group.urn, path: `endpointConfigurations[${i}]` };
    return endpointsOf(resources, group, item, at).flatMap(({ endpoint, keeps, doubt }) =>
      listeners.flatMap((listener) =>
        mappings(group, listener.ports, listener.shown).flatMap((mapping) =>
          listener.families.map(({ family, doubt: unsure }) => ({
            resource: listener.accelerator ?? group,
            text: `accelerator ${(listener.accelerator ?? group).name} ${mapping.text}`,
            at,
            endpoint,
            ports: mapping.ports,
            protocol: listener.protocol,
            family,
            keeps,
            doubts: [...listener.doubts, ...mapping.doubts, ...[doubt, unsure].filter((why) => why !== null)],
          })),
        ),
      ),
    );
  });
}

/** Custom routing keeps clients, and lets nobody in before an API call outside the stack allows it. */
function ofCustomGroup(resources: Resources, vpcs: Vpcs, group: ResourceSnapshot): Acceleration[] {
  const p = group.properties;
  const allowed = {
    text: "which traffic a custom routing accelerator allows is not in the stack",
    at: { urn: group.urn, path: "endpointConfigurations" },
  };
  const ids = items(p.endpointConfigurations).map((item) => field(item, "endpointId") ?? item);
  const keys = vpcs.subnetKeys(resolve(resources, group, "endpointConfigurations", ids, types.SUBNET));
  return listenersOf(resources, group, CUSTOM_LISTENER, CUSTOM_ACCELERATOR).flatMap((listener) =>
    items(p.destinationConfigurations).flatMap((item, i) => {
      const { set } = portRange(field(item, "fromPort"), field(item, "toPort"));
      return [...keys.certain, ...keys.possible].map(
        (key): Acceleration => ({
          resource: listener.accelerator ?? group,
          text: `accelerator ${(listener.accelerator ?? group).name} forwards to ${formatPorts(set)} of every address of the subnet`,
          at: { urn: group.urn, path: `destinationConfigurations[${i}]` },
          endpoint: { kind: "subnet", key },
          ports: set,
          protocol: null,
          family: 4,
          keeps: ["client"],
          doubts: [...listener.doubts, allowed],
        }),
      );
    }),
  );
}

interface Listener {
  readonly accelerator: ResourceSnapshot | null;
  readonly ports: PortSet;
  readonly shown: string;
  readonly protocol: Protocol | null;
  readonly families: readonly { readonly family: Family; readonly doubt: Reason | null }[];
  readonly doubts: readonly Reason[];
}

/** The listener of an endpoint group with its accelerator; one outside the stack may listen on every port. */
function listenersOf(
  resources: Resources,
  group: ResourceSnapshot,
  listeners: ReadonlySet<string>,
  accelerators: ReadonlySet<string>,
): Listener[] {
  const named = resolveOwner(resources, group, "listenerArn", group.properties.listenerArn, listeners);
  const at = { urn: group.urn, path: "listenerArn" };
  const of = (listener: ResourceSnapshot, doubts: readonly Reason[]): Listener[] => {
    const { acceleratorArn, portRanges, protocol } = listener.properties;
    const parts = items(portRanges).map((item) => portRange(field(item, "fromPort"), field(item, "toPort")));
    const set = parts.reduce<PortSet>((all, part) => ranges.union(all, part.set), noPorts);
    const sure = parts.every((part) => part.sure);
    const kind = text(protocol);
    const owner = resolve(resources, listener, "acceleratorArn", acceleratorArn, accelerators);
    const [accelerator = null] = [...owner.certain, ...owner.possible];
    const enabled = flag(accelerator?.properties.enabled) ?? true;
    if (enabled === false) return [];
    const unsure = (what: string, urn: Urn, path: string): Reason => ({
      text: `${what} is not known`,
      at: { urn, path },
    });
    return [
      {
        accelerator,
        ports: set,
        shown: sure ? formatPorts(set) : "ports that are not known yet",
        protocol: kind === "UDP" ? "udp" : kind === "TCP" ? "tcp" : null,
        families: familiesOf(accelerator),
        doubts: [
          ...doubts,
          ...(sure ? [] : [unsure("a port of the accelerator", listener.urn, "portRanges")]),
          ...(owner.certain.length === 1 && enabled === true
            ? []
            : [unsure("the accelerator of the listener", listener.urn, "acceleratorArn")]),
        ],
      },
    ];
  };
  const doubt = { text: "the listener of the accelerator is not in the stack", at };
  return [
    ...named.certain.flatMap((listener) => of(listener, [])),
    ...named.possible.flatMap((listener) =>
      of(listener, [{ ...doubt, text: "the listener of the accelerator is not known" }]),
    ),
    ...(named.certain.length + named.possible.length > 0
      ? []
      : [
          {
            accelerator: null,
            ports: allPorts,
            shown: "ports that are not in the stack",
            protocol: null,
            families: [
              { family: 4 as const, doubt: null },
              { family: 6 as const, doubt: null },
            ],
            doubts: [doubt],
          },
        ]),
  ];
}

function familiesOf(accelerator: ResourceSnapshot | null): Listener["families"] {
  const type = text(accelerator?.properties.ipAddressType) ?? "IPV4";
  const v4 = { family: 4 as const, doubt: null };
  if (type === "IPV4") return [v4];
  const at = { urn: accelerator?.urn ?? "", path: "ipAddressType" };
  return [
    v4,
    {
      family: 6,
      doubt: type instanceof Unknown ? { text: "whether the accelerator takes IPv6 is not known yet", at } : null,
    },
  ];
}

function portRange(from: Value | undefined, to: Value | undefined): { set: PortSet; sure: boolean } {
  const [low, high] = [integer(from), integer(to)];
  if (typeof low !== "number" || typeof high !== "number") return { set: allPorts, sure: false };
  return { set: low > high || low < 0 || high > 65535 ? noPorts : ports(low, high), sure: true };
}

interface Mapping {
  readonly ports: PortSet;
  readonly text: string;
  readonly doubts: readonly Reason[];
}

/** An endpoint is reached on the listener's port, unless the group overrides it. */
function mappings(group: ResourceSnapshot, listening: PortSet, shown: string): Mapping[] {
  let rest = listening;
  const result: Mapping[] = [];
  items(group.properties.portOverrides).forEach((item, i) => {
    const [from, to] = [integer(field(item, "listenerPort")), integer(field(item, "endpointPort"))];
    const at = { urn: group.urn, path: `portOverrides[${i}]` };
    if (typeof from !== "number" || typeof to !== "number") {
      const why = { text: "a port override of the accelerator is not known yet", at };
      result.push({ ports: allPorts, text: "overrides a port", doubts: [why] });
      return;
    }
    if (!ranges.includes(listening, from)) return;
    rest = ranges.subtract(rest, ports(from));
    result.push({ ports: ports(to), text: `listens on ${from} and forwards to ${to}`, doubts: [] });
  });
  if (rest.length > 0) result.push({ ports: rest, text: `listens on ${shown}`, doubts: [] });
  return result;
}

function endpointsOf(
  resources: Resources,
  group: ResourceSnapshot,
  item: Value,
  at: Provenance,
): { endpoint: AcceleratorEndpoint; keeps: readonly Keeps[]; doubt: Reason | null }[] {
  const id = item instanceof Unknown ? item : field(item, "endpointId");
  const named = resolve(resources, group, "endpointConfigurations", id, ENDPOINT);
  const doubt = { text: "which endpoint the accelerator sends to is not known", at };
  const of = (resource: ResourceSnapshot, why: Reason | null) => {
    if (types.INSTANCE.has(resource.type))
      return {
        endpoint: { kind: "machine" as const, urns: new Set([resource.urn]) },
        keeps: ["client" as const],
        doubt: why,
      };
    if (types.EIP.has(resource.type)) {
      const urns = new Set(addressHolders(resources, resource));
      return { endpoint: { kind: "address" as const, urns }, keeps: ["edge" as const], doubt: why };
    }
    const kept = flag(field(item, "clientIpPreservationEnabled")) ?? false;
    // An internal ALB always keeps the client's address.
    const internalAlb =
      (text(resource.properties.loadBalancerType) ?? "application") === "application" &&
      flag(resource.properties.internal) === true;
    const keeps: readonly Keeps[] =
      kept instanceof Unknown ? ["client", "edge"] : kept || internalAlb ? ["client"] : ["edge"];
    return { endpoint: { kind: "balancer" as const, urn: resource.urn }, keeps, doubt: why };
  };
  const nobody = named.certain.length + named.possible.length === 0 && !(named.foreign[0] instanceof Unknown);
  if (nobody) return [];
  if (named.certain.length + named.possible.length === 0)
    return [{ endpoint: { kind: "unknown" }, keeps: ["client", "edge"], doubt }];
  return [
    ...named.certain.map((resource) => of(resource, null)),
    ...named.possible.map((resource) => of(resource, doubt)),
  ];
}
