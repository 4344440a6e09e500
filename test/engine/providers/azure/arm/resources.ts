import { randomUUID } from "node:crypto";
import { isObject, isSame, type Props, type Value, without } from "../../values";
import { childType } from "../facts";
import { type Cloud, groupOf, type Item, isSameId, nameOf, objects, parentId, references, typeOfItem } from "./cloud";
import { firewalls } from "./firewalls";
import { interfaces } from "./interfaces";
import { machines } from "./machines";
import { publicAddresses } from "./public-addresses";
import { refusal } from "./refusal";
import { securityGroups } from "./security-groups";
import { virtualNetworks } from "./virtual-networks";

/** What a kind of resource does beyond being kept. */
export interface Behaviour {
  /** Refuses what cannot be, and decides what the body leaves open. */
  put?(cloud: Cloud, item: Item, before: Item | undefined): Props;
  /** Refuses what its children cannot be together. */
  whole?(cloud: Cloud, item: Item): void;
  /** What is told of it beyond the body. */
  read?(cloud: Cloud, item: Item): Props;
  /** Refuses to let it go. */
  remove?(cloud: Cloud, item: Item): void;
}

const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  ...virtualNetworks,
  ...securityGroups,
  ...publicAddresses,
  ...interfaces,
  ...machines,
  ...firewalls,
};

/** Creates a resource, or puts another body in the place of its own. */
export function put(cloud: Cloud, asked: Pick<Item, "id" | "kind" | "body">): void {
  const before = cloud.find(asked.id);
  if (before === undefined) refuseWithoutParent(cloud, asked.id);
  const type = typeOfItem({ ...asked, made: {} });
  const collections = Object.keys(type.children ?? {});
  const item: Item = {
    id: before?.id ?? asked.id,
    kind: asked.kind,
    body: without(asked.body, ...collections),
    made: before?.made ?? {},
    ...(before?.platform === true && { platform: true }),
  };
  refuseReferences(cloud, item, asked.body);
  const made = BEHAVIOURS[item.kind]?.put?.(cloud, item, before) ?? {};
  const etag = `W/"${randomUUID()}"`;
  const changed = before === undefined || !isSame(before.body, item.body);
  cloud.set({ ...item, made: { resourceGuid: randomUUID(), ...item.made, ...made, ...(changed && { etag }) } });
  for (const collection of collections) {
    const kept = asked.body[collection];
    const child = childType(type, collection);
    if (kept === undefined || child === null) continue;
    const items = objects(kept).map((body) => ({
      id: `${item.id}/${collection}/${body.name}`,
      kind: child.kind,
      body: without(body, "name"),
    }));
    for (const { id } of cloud.childrenOf(item.id, child.kind))
      if (!items.some((one) => isSameId(one.id, id))) remove(cloud, id);
    for (const one of items) put(cloud, one);
  }
  const whole = collections.length > 0 ? cloud.find(item.id) : cloud.find(parentId(item.id));
  if (whole !== undefined) BEHAVIOURS[whole.kind]?.whole?.(cloud, whole);
}

/** @returns null for what there is not */
export function get(cloud: Cloud, id: string): Props | null {
  const item = cloud.find(id);
  if (item === undefined) return null;
  const type = typeOfItem(item);
  const children = Object.keys(type.children ?? {}).map((collection): [string, Value] => {
    const child = childType(type, collection);
    return [
      collection,
      child === null ? [] : cloud.childrenOf(item.id, child.kind).map((one) => get(cloud, one.id) ?? {}),
    ];
  });
  const { etag = "", resourceGuid = "" } = item.made;
  const outputs: Props = {
    ...identified(item, visible(item)),
    ...Object.fromEntries(children),
    ...BEHAVIOURS[item.kind]?.read?.(cloud, item),
    etag,
    resourceGuid,
    provisioningState: "Succeeded",
    id: item.id,
    name: nameOf(item.id),
    type: armType(item.id),
    azureApiVersion: "2024-05-01",
  };
  const known = Object.entries(outputs).filter(([key]) => key === "id" || type.sdk.outputs.has(key));
  return Object.fromEntries(known);
}

/** What has a name in a collection has an id: `ipConfigurations`, `frontendIPConfigurations`. */
function identified(item: Item, body: Props): Props {
  const { outputs } = typeOfItem(item).sdk;
  const told = Object.entries(body).map(([key, value]): [string, Value] => {
    const property = outputs.get(key);
    if (property?.kind !== "object" || !property.list || !property.shape().has("id")) return [key, value];
    const items = objects(value).map((one) => ({
      ...one,
      ...(typeof one.name === "string" && { id: `${item.id}/${key}/${one.name}`, provisioningState: "Succeeded" }),
    }));
    return [key, items];
  });
  return Object.fromEntries(told);
}

/** The body without what is never shown. */
function visible(item: Item): Props {
  return (typeOfItem(item).writeOnly ?? []).reduce((body, path) => hidden(body, path.split(".")), item.body);
}

function hidden(body: Props, [key = "", ...rest]: readonly string[]): Props {
  const inner = body[key];
  if (rest.length === 0) return without(body, key);
  return isObject(inner) ? { ...body, [key]: hidden(inner, rest) } : body;
}

export function remove(cloud: Cloud, id: string): void {
  const item = cloud.find(id);
  if (item === undefined) return;
  if (item.kind !== "resources:ResourceGroup") {
    for (const inner of [item, ...cloud.below(id)]) BEHAVIOURS[inner.kind]?.remove?.(cloud, inner);
  }
  for (const inner of cloud.below(id)) cloud.remove(inner.id);
  cloud.remove(id);
}

/** `Microsoft.Network/virtualNetworks/subnets` */
function armType(id: string): string {
  const [, namespace = "Microsoft.Resources/resourceGroups", path = ""] =
    /.*\/providers\/([^/]+)\/(.+)$/.exec(id) ?? [];
  const collections = path.split("/").filter((_, index) => index % 2 === 0);
  return path === "" ? namespace : [namespace, ...collections].join("/");
}

/**
 * `ResourceGroupNotFound` and `ParentResourceNotFound` of
 * https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-not-found
 */
function refuseWithoutParent(cloud: Cloud, id: string): void {
  const group = groupOf(id);
  if (isSameId(group, id) || !/\/resourceGroups\/[^/]+\/providers\//i.test(id)) return;
  if (cloud.find(group) === undefined)
    throw refusal("ResourceGroupNotFound", `Resource group '${nameOf(group)}' could not be found.`);
  const parent = parentId(id);
  const isNested = !/\/providers\/[^/]+$/.test(parent);
  if (isNested && cloud.find(parent) === undefined)
    throw refusal(
      "ParentResourceNotFound",
      `Failed to perform 'write' on resource(s) of type '${armType(id).split("/").slice(1).join("/")}', because the parent resource '${parent}' could not be found.`,
    );
}

/**
 * `InvalidResourceReference` of https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors: what a
 * resource of the network refers to exists, in the same region.
 */
function refuseReferences(cloud: Cloud, item: Item, body: Props): void {
  for (const { id } of references(body)) {
    const within = id.toLowerCase().startsWith(`${item.id.toLowerCase()}/`) || isSameId(id, item.id);
    if (within || holder(cloud, id) !== undefined) continue;
    throw refusal(
      "InvalidResourceReference",
      `Resource ${id} referenced by resource ${item.id} was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.`,
    );
  }
}

/** The resource with an id, or the one that has such an item in a collection of its own. */
function holder(cloud: Cloud, id: string): Item | undefined {
  const item = cloud.find(id);
  if (item !== undefined) return item;
  const parent = cloud.find(parentId(id));
  const collection = objects(parent?.body[id.split("/").at(-2) ?? ""]);
  return collection.some(({ name }) => String(name).toLowerCase() === nameOf(id).toLowerCase()) ? parent : undefined;
}
