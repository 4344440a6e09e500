import type { Provenance, Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown, type Value } from "../../model/snapshot";
import { field, isFields, text } from "../values";
import { resolveArm, type Wanted } from "./references";
import type { AzureResources } from "./tokens";

/**
 * - `standard`: closed unless a network security group opens it;
 * - `basic`: open unless a network security group closes it. Public IPs without a SKU count as basic, which is what they were.
 */
export type Sku = "standard" | "basic" | "unknown";

/** A public address that stands in front of a private one. */
export interface PublicIp {
  readonly sku: Sku;
  readonly family: 4 | 6;
  readonly at: Provenance;
  readonly text: string;
  /** Why it is not certain that it is there. */
  readonly doubt: Reason | null;
}

const PUBLIC_IP: Wanted = { kind: "network:PublicIPAddress" };

/**
 * The public address that a configuration names: by reference, or one that is made with it.
 *
 * @param property top-level property of `holder` that the value comes from
 */
export function publicIpOf(
  azure: AzureResources,
  holder: ResourceSnapshot,
  property: string,
  path: string,
  value: Value | undefined,
): PublicIp | null {
  if (value === undefined || value === null) return null;
  const at: Provenance = { urn: holder.urn, path };
  const unsure = (why: string): PublicIp => ({
    sku: "unknown",
    family: 4,
    at,
    text: "a public IP address",
    doubt: { text: why, at },
  });
  if (value instanceof Unknown) return unsure(`whether it has a public IP address is ${value.reason}`);
  // What a configuration makes itself carries no id.
  if (isFields(value) && value.id === undefined && (value.name !== undefined || value.sku !== undefined))
    return made(value, at, "a public IP address of its own");
  const { certain, possible, foreign } = resolveArm(azure, holder, property, value, PUBLIC_IP);
  const [named] = certain;
  if (named !== undefined && !named.resource.external)
    return made(named.resource.properties, { urn: named.resource.urn }, `public IP ${named.resource.name}`);
  const [maybe] = possible;
  if (maybe !== undefined)
    return {
      ...made(maybe.resource.properties, { urn: maybe.resource.urn }, `public IP ${maybe.resource.name}`),
      doubt: { text: "which public IP it has is not known", at },
    };
  // It exists, but what it is the stack does not say.
  const name = foreign.find((id) => typeof id === "string");
  return {
    sku: "unknown",
    family: 4,
    at,
    text: `public IP ${typeof name === "string" ? name.split("/").at(-1) : "outside the stack"}`,
    doubt: null,
  };
}

function made(fields: { readonly [key: string]: Value }, at: Provenance, what: string): PublicIp {
  const version = text(fields.publicIPAddressVersion);
  const name = text(field(fields.sku, "name"));
  const sku: Sku =
    fields.sku instanceof Unknown || name instanceof Unknown
      ? "unknown"
      : name === undefined || name.toLowerCase() === "basic"
        ? "basic"
        : "standard";
  return {
    sku,
    family: typeof version === "string" && version.toLowerCase() === "ipv6" ? 6 : 4,
    at,
    text: what,
    doubt: null,
  };
}
