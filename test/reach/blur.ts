import { type ResourceSnapshot, Unknown, type Value } from "../../policies/analysis/model/snapshot";
import { parseBlock } from "../oracle/address";
import type { Dice } from "./dice";
import { isInVpc } from "./fields";
import { type Filling, fillingOf, type Place } from "./fillings";
import { type Dependencies, preview, withDependencies } from "./preview";

interface Site {
  readonly index: number;
  readonly place: Place;
  readonly filling: Filling;
}

/** A network in which some values are unknown, and ways to fill them in. */
export interface Blurred {
  readonly snapshots: readonly ResourceSnapshot[];
  /** The whole network, with other values in the place of the unknown ones; null if AWS would refuse it. */
  fill(dice: Dice): readonly ResourceSnapshot[] | null;
}

export function blur(known: readonly ResourceSnapshot[], dice: Dice): Blurred {
  const dependencies: Dependencies = dice.pick(["leaf", "leaf", "merged"]);
  // With merged dependencies n unknown ids with n candidates are those n: an ambiguous one among them is no case.
  const sites = chooseSites(known, dice).filter(
    ({ place, filling }) =>
      dependencies === "leaf" || filling.dependsOn === undefined || typeof place.at(-1) === "string",
  );
  const base = dice.chance(75) ? preview(known, dice, dependencies) : known;
  const urns = known.map(({ urn }) => urn);
  const snapshots = base.map((resource, index) => {
    const own = sites.filter((site) => site.index === index);
    const properties = own.reduce<Value>((value, { place, filling }) => {
      const urn = dice.chance(50) ? [] : [dice.pick(urns.filter((other) => /:(Vpc|Eip)::/.test(other)))];
      return replace(value, place, new Unknown(filling.dependsOn ?? urn));
    }, resource.properties) as ResourceSnapshot["properties"];
    const moved = moves(resource, own) ? withoutAddresses(properties) : properties;
    return withDependencies({ ...resource, properties: moved }, dependencies);
  });
  return {
    snapshots,
    fill: (drawn) => {
      const filled = known.map((resource, index) => {
        const own = sites.filter((site) => site.index === index);
        const properties = own.reduce<Value>(
          (value, { place, filling }) => replace(value, place, filling.value(drawn)),
          resource.properties,
        ) as ResourceSnapshot["properties"];
        return { ...resource, properties: moves(resource, own) ? moveTo(known, properties) : properties };
      });
      return isLegal(filled) ? filled : null;
    },
  };
}

function chooseSites(known: readonly ResourceSnapshot[], dice: Dice): readonly Site[] {
  const all = known.flatMap((resource, index) =>
    places(resource.properties).flatMap(({ place, value }): Site[] => {
      const filling = place.length === 0 ? null : fillingOf(known, resource, place, value, dice);
      return filling === null ? [] : [{ index, place, filling }];
    }),
  );
  const chosen: Site[] = [];
  const overlap = (a: Site, b: Site) =>
    a.index === b.index && (isPrefix(a.place, b.place) || isPrefix(b.place, a.place));
  for (let i = dice.int(0, 4); i > 0 && all.length > 0; i--) {
    const site = dice.pick(all);
    if (!chosen.some((other) => overlap(other, site))) chosen.push(site);
  }
  return chosen;
}

function isPrefix(a: Place, b: Place): boolean {
  return a.every((part, i) => part === b[i]);
}

function places(value: Value, place: Place = []): { place: Place; value: Value }[] {
  const here = [{ place, value }];
  if (value === null || typeof value !== "object" || value instanceof Unknown) return here;
  if (Array.isArray(value)) {
    return [...here, ...(value as readonly Value[]).flatMap((item, i) => places(item, [...place, i]))];
  }
  return [...here, ...Object.entries(value).flatMap(([key, item]) => places(item, [...place, key]))];
}

function replace(value: Value, [head, ...rest]: Place, by: Value): Value {
  if (head === undefined) return by;
  if (Array.isArray(value))
    return (value as readonly Value[]).map((item, i) => (i === head ? replace(item, rest, by) : item));
  const fields = value as { readonly [key: string]: Value };
  return { ...fields, [head]: replace(fields[head] as Value, rest, by) };
}

/** An interface that may lie in another subnet has another address there. */
function moves(resource: ResourceSnapshot, sites: readonly Site[]): boolean {
  return /:(Instance|NetworkInterface)$/.test(resource.type) && sites.some(({ place }) => place[0] === "subnetId");
}

function withoutAddresses(properties: ResourceSnapshot["properties"]): ResourceSnapshot["properties"] {
  const { privateIp: _, privateIps: __, ipv6Addresses, ...rest } = properties;
  return { ...rest, ...(ipv6Addresses !== undefined && { ipv6AddressCount: 1 }) };
}

function moveTo(known: readonly ResourceSnapshot[], properties: ResourceSnapshot["properties"]) {
  const subnet = known.find(({ id }) => id === properties.subnetId);
  const [, third] = /^10\.\d+\.(\d+)\./.exec(String(subnet?.properties.cidrBlock)) ?? [];
  const move = (value: Value): Value => {
    if (Array.isArray(value)) return (value as readonly Value[]).map(move);
    if (typeof value !== "string" || third === undefined) return value;
    return value.replace(/^(10\.\d+\.)\d+/, `$1${third}`).replace(/^(2001:db8:\d+:)\d+/, `$1${third}`);
  };
  const { privateIp, privateIps, ipv6Addresses } = properties;
  return {
    ...properties,
    ...(privateIp !== undefined && { privateIp: move(privateIp) }),
    ...(privateIps !== undefined && { privateIps: move(privateIps) }),
    ...(ipv6Addresses !== undefined && { ipv6Addresses: move(ipv6Addresses) }),
  };
}

/** What the API refuses: a destination twice in a table, two tables or ACLs of one subnet. */
function isLegal(snapshots: readonly ResourceSnapshot[]): boolean {
  const taken = new Set<string>();
  const claim = (...parts: readonly (Value | undefined)[]) => {
    const key = parts.join(" ");
    return !taken.has(key) && Boolean(taken.add(key));
  };
  const route = (table: string, item: Value) =>
    Object.entries(item as { readonly [key: string]: Value }).every(([key, value]) => {
      if (key === "destinationPrefixListId") return claim("list", table);
      if (!/cidrBlock$/i.test(key)) return true;
      const block = parseBlock(String(value));
      const { family, base, length } = block;
      return (
        !isInVpc(block, Number(/^rtb-(?:main-)?(\d)/.exec(table)?.[1])) &&
        claim("route", table, `${family}:${base}/${length}`)
      );
    });
  return snapshots.every(({ type, id, properties: p }) => {
    if (type.endsWith("RouteTable"))
      return ((p.routes ?? []) as readonly Value[]).every((item) => route(id ?? "", item));
    if (type.endsWith("ec2/route:Route")) return route(String(p.routeTableId), p);
    if (type.endsWith("ec2/routeTableAssociation:RouteTableAssociation")) return claim("table", p.subnetId);
    if (type.endsWith(":NetworkAclAssociation")) return claim("acl", p.subnetId);
    if (type.endsWith("NetworkAcl"))
      return ((p.subnetIds ?? []) as readonly Value[]).every((subnet) => claim("acl", subnet));
    return true;
  });
}
