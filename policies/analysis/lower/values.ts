import type { Provenance, Reason } from "../model/provenance";
import { Unknown, type Value } from "../model/snapshot";
import { type AddrSet, allV4, allV6, isEmpty, noAddresses, unionAll } from "../net/addr";
import { type Bounds, between, exactly } from "../net/bounds";
import { parseCidr } from "../net/cidr";

/** Readers of property values that keep three cases apart: known, unknown, absent (`undefined`). */

export function text(value: Value | undefined): string | Unknown | undefined {
  if (value === undefined || value === null) return undefined;
  if (value instanceof Unknown || typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return new Unknown([], `expected a string, found ${JSON.stringify(value)}`);
}

/** Numbers also arrive as strings, from states and YAML programs. */
export function integer(value: Value | undefined): number | Unknown | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (value instanceof Unknown) return value;
  const number = typeof value === "number" ? value : typeof value === "string" ? Number(value) : Number.NaN;
  return Number.isInteger(number) ? number : new Unknown([], `expected an integer, found ${JSON.stringify(value)}`);
}

export function flag(value: Value | undefined): boolean | Unknown | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (value instanceof Unknown || typeof value === "boolean") return value;
  if (value === "true") return true;
  if (value === "false") return false;
  return new Unknown([], `expected true or false, found ${JSON.stringify(value)}`);
}

/** Whether any of some switches is on; one that is not known may be, and one that is absent is off. */
export function either(...switches: readonly (boolean | Unknown | undefined)[]): boolean | Unknown {
  return switches.find((value) => value === true) ?? switches.find((value) => value instanceof Unknown) ?? false;
}

/** A list's items; a list that is unknown as a whole is one unknown item. A single value counts as a list of one. */
export function items(value: Value | undefined): readonly Value[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as readonly Value[]) : [value as Value];
}

export type Fields = { readonly [key: string]: Value };

export function isFields(value: Value | undefined): value is Fields {
  return typeof value === "object" && value !== null && !(value instanceof Unknown) && !Array.isArray(value);
}

export function field(value: Value | undefined, key: string): Value | undefined {
  return isFields(value) ? value[key] : undefined;
}

/** A CIDR list as a set: the known items count at once, an unknown one may be anything of its family. */
export function cidrs(value: Value | undefined, family: 4 | 6 | undefined, at: Provenance): Bounds<AddrSet> {
  const known: AddrSet[] = [];
  const why: Reason[] = [];
  items(value).forEach((item, i) => {
    const path = at.path === undefined ? undefined : Array.isArray(value) ? `${at.path}[${i}]` : at.path;
    const here: Provenance = path === undefined ? at : { ...at, path };
    if (item instanceof Unknown) {
      why.push({ text: `the address range is ${item.reason}`, at: here });
      return;
    }
    const set = typeof item === "string" ? parseCidr(item) : null;
    if (set === null) why.push({ text: `${JSON.stringify(item)} is no CIDR block`, at: here });
    else known.push(set);
  });
  const must = unionAll(known);
  if (why.length === 0) return exactly(must);
  const universe = family === 4 ? allV4 : family === 6 ? allV6 : { v4: allV4.v4, v6: allV6.v6 };
  return between(must, unionAll([must, universe]), why);
}

/** The addresses of one family. */
export function only(set: AddrSet, family: 4 | 6): AddrSet {
  return family === 4 ? { v4: set.v4, v6: noAddresses.v6 } : { v4: noAddresses.v4, v6: set.v6 };
}

export function known(set: Bounds<AddrSet>): boolean {
  return set.why.length === 0 && !isEmpty(set.may);
}
