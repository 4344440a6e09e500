import { Unknown, type Urn, type Value } from "../analysis/model/snapshot";

/**
 * How Pulumi's engine writes down property values, and how the inputs and outputs of a resource become its properties: the same for
 * what a policy pack is told and for what a file holds.
 */

export type Values = { readonly [key: string]: Value };

/** What stands in the place of a value that is not known. */
export const SENTINELS: ReadonlySet<unknown> = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // boolean
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9", // string, and in practice any
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "030794c1-ac77-496b-92df-f27374a8bd58", // asset
  "e48ece36-62e2-4504-bad9-02848725956a", // archive
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

/** Keys of the bridge, for defaults that it applied, and of the SDK's classes of assets. */
export const BOOKKEEPING: ReadonlySet<string> = new Set(["__defaults", "__pulumiAsset", "__pulumiArchive"]);

/** What stands in the place of a secret that is not shown or that nobody here can decrypt. */
export const MASKED = "[secret]";

/**
 * Inputs stand as they are, and outputs only add
 *
 * - what a component registered, and
 * - known scalars and lists of scalars that the program does not set: addresses and ids that others refer to.
 *
 * Not added are lists of objects, such as the `ingress` that a provider reads back: other resources fill them too, and an empty one
 * would look like a declaration that nothing may come in. Nor are unknown outputs: the program says nothing there, and what that
 * means is the model's to say.
 */
export function addOutputs(inputs: Values, outputs: Values, custom: boolean): Values {
  const added = Object.entries(outputs).filter(([key, value]) => !custom || (key !== "id" && isPlain(value)));
  return { ...Object.fromEntries(added), ...inputs };
}

function isPlain(value: Value): boolean {
  if (Array.isArray(value)) return value.length > 0 && value.every((item) => typeof item !== "object");
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/** A property that depends on resources but has no value was left out because something in it is unknown: it is not absent. */
export function withDropped(values: Values, dependencies: Readonly<Record<string, readonly Urn[]>>): Values {
  const dropped = Object.entries(dependencies)
    .filter(([key, urns]) => urns.length > 0 && !Object.hasOwn(values, key))
    .map(([key, urns]) => [key, new Unknown(urns, "left out by the provider at preview")] as const);
  return { ...values, ...Object.fromEntries(dropped) };
}
