import type { Provenance, Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown, type Urn } from "../../model/snapshot";
import { push, type Resources, resolve, resolveOwner } from "../resources";
import { namedInterfaces } from "./launch-templates";
import { EIP, INSTANCE, INTERFACE } from "./types";

/** How the Internet reaches an interface over IPv4. */
export type PublicV4 =
  | { readonly kind: "none" }
  | { readonly kind: "address"; readonly at: Provenance; readonly text: string; readonly doubt: Reason | null };

interface Claim {
  readonly eip: ResourceSnapshot;
  readonly at: ResourceSnapshot;
  readonly doubt: Reason | null;
}

/** Elastic IPs by the interface or instance that they map to, through either property or an association resource. */
export function publicAddresses(resources: Resources): {
  of(owners: readonly Urn[], auto: boolean | Unknown | Reason): PublicV4;
} {
  const claims = claimsOf(resources);
  return {
    of(owners, auto) {
      const found = owners.flatMap((owner) => claims.get(owner) ?? []);
      const best = found.find((item) => item.doubt === null) ?? found[0];
      const automatic: PublicV4 | null =
        auto === false || owners[0] === undefined
          ? null
          : {
              kind: "address",
              at: { urn: owners[0] },
              text: "a public IPv4 address assigned at launch",
              doubt: auto === true ? null : auto instanceof Unknown ? unknownFlag(auto, owners[0]) : auto,
            };
      if (
        best !== undefined &&
        (best.doubt === null || automatic === null || automatic.kind !== "address" || automatic.doubt !== null)
      ) {
        return { kind: "address", at: { urn: best.eip.urn }, text: elasticText(best.eip), doubt: best.doubt };
      }
      return automatic ?? { kind: "none" };
    },
  };
}

/** An Elastic IP by its name, with the address where that is known. */
export function elasticText(eip: ResourceSnapshot): string {
  const { publicIp, address } = eip.properties;
  const known = [publicIp, address].find((value) => typeof value === "string");
  return `Elastic IP ${eip.name}${known === undefined ? "" : ` (${known})`}`;
}

/** The interfaces and instances that may have an Elastic IP. */
export function addressHolders(resources: Resources, eip: ResourceSnapshot): readonly Urn[] {
  return [...claimsOf(resources)].flatMap(([urn, claims]) => (claims.some((item) => item.eip === eip) ? [urn] : []));
}

function claimsOf(resources: Resources): ReadonlyMap<Urn, readonly Claim[]> {
  const claims = new Map<Urn, Claim[]>();
  const primary = primaryInterfaces(resources);
  const standIns = (target: ResourceSnapshot) => primary.get(target.urn) ?? [{ urn: target.urn, certain: true }];
  const claim = (holder: ResourceSnapshot, eip: ResourceSnapshot, property: string, types: ReadonlySet<string>) => {
    const value = holder.properties[property];
    const references = resolveOwner(resources, holder, property, value, types);
    const doubt = {
      text: "which interface the Elastic IP maps to is not known",
      at: { urn: holder.urn, path: property },
    };
    for (const { urn, certain } of references.certain.flatMap(standIns))
      push(claims, urn, { eip, at: holder, doubt: certain ? null : doubt });
    const named = typeof value === "string" && references.certain.length === 0 ? withoutId(resources, types) : [];
    for (const { urn } of [...references.possible, ...named].flatMap(standIns))
      push(claims, urn, { eip, at: holder, doubt });
  };
  const targets = new Set([...INSTANCE, ...INTERFACE]);
  for (const eip of resources.ofType(...EIP)) {
    claim(eip, eip, "instance", targets);
    claim(eip, eip, "networkInterface", targets);
  }
  for (const association of resources.ofType("aws:ec2/eipAssociation:EipAssociation")) {
    const named = resolve(resources, association, "allocationId", association.properties.allocationId, EIP);
    const eip = named.certain[0] ?? named.possible[0] ?? association;
    claim(association, eip, "instanceId", targets);
    claim(association, eip, "networkInterfaceId", targets);
  }
  return claims;
}

/** What an id that is written out may stand for where the source of resources has no ids: a program's run does not show them. */
function withoutId(resources: Resources, types: ReadonlySet<string>): readonly ResourceSnapshot[] {
  return resources.ofType(...types).filter((item) => item.id === undefined && !item.external);
}

function unknownFlag(flag: Unknown, urn: Urn): Reason {
  return { text: `whether the launch assigns a public address is ${flag.reason}`, at: { urn } };
}

export interface StandIn {
  readonly urn: Urn;
  readonly certain: boolean;
}

/** The interface that stands for an instance where the instance uses one that has a resource of its own. */
export function primaryInterfaces(resources: Resources): ReadonlyMap<Urn, readonly StandIn[]> {
  const found = new Map<Urn, readonly StandIn[]>();
  for (const instance of resources.ofType(...INSTANCE)) {
    for (const { holder, property, value } of namedInterfaces(resources, instance).filter(({ primary }) => primary)) {
      const { certain, possible } = resolve(resources, holder, property, value, INTERFACE);
      if (certain.length + possible.length === 0 || found.has(instance.urn)) continue;
      found.set(instance.urn, [
        ...certain.map(({ urn }) => ({ urn, certain: certain.length === 1 && possible.length === 0 })),
        ...possible.map(({ urn }) => ({ urn, certain: false })),
      ]);
    }
  }
  return found;
}
