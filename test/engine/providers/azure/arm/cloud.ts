import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { isObject, type Props, type Value } from "../../values";
import { type Type, typeOf } from "../facts";

/** A resource as Azure Resource Manager holds it. */
export interface Item {
  /** `/subscriptions/…/resourceGroups/…/providers/Microsoft.Network/virtualNetworks/…` */
  readonly id: string;
  /** `network:VirtualNetwork` */
  readonly kind: string;
  /** Properties as the program gave them, without collections that have types of their own. */
  readonly body: Props;
  /** What was decided when it was made: addresses, generated ids. */
  readonly made: Props;
  /** Made by the platform and not by a program. */
  readonly platform?: boolean;
}

/** Everything that there is, by id in lower case: Azure compares ids without regard to case. */
export class Cloud {
  readonly #items: Map<string, Item>;

  constructor(items: Iterable<Item> = []) {
    this.#items = new Map([...items].map((item) => [item.id.toLowerCase(), item]));
  }

  get all(): readonly Item[] {
    return [...this.#items.values()];
  }

  find(id: string): Item | undefined {
    return this.#items.get(id.toLowerCase());
  }

  set(item: Item): void {
    this.#items.set(item.id.toLowerCase(), item);
  }

  remove(id: string): void {
    this.#items.delete(id.toLowerCase());
  }

  ofKind(kind: string): readonly Item[] {
    return this.all.filter((item) => item.kind === kind);
  }

  /** Those right below a resource, in the order in which they were made. */
  childrenOf(parent: string, kind: string): readonly Item[] {
    return this.ofKind(kind).filter(({ id }) => isSameId(parentId(id), parent));
  }

  /** Those inside of a resource or a group, at any depth. */
  below(id: string): readonly Item[] {
    return this.all.filter((item) => item.id.toLowerCase().startsWith(`${id.toLowerCase()}/`));
  }
}

export function typeOfItem({ kind }: Item): Type {
  const type = typeOf(`azure-native:${kind}`);
  if (type === null) throw new Error(`no resource type azure-native:${kind}`);
  return type;
}

export function isSameId(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Without the last two segments: a collection and a name in it. */
export function parentId(id: string): string {
  return id.split("/").slice(0, -2).join("/");
}

export function nameOf(id: string): string {
  return id.split("/").at(-1) ?? "";
}

/** The resource group of an id, as an id. */
export function groupOf(id: string): string {
  return id.split("/").slice(0, 5).join("/");
}

/** The ids of references, `{ id }`, that are in a value, with the path to each. */
export function references(value: Value, at = ""): { readonly id: string; readonly at: string }[] {
  if (Array.isArray(value)) return value.flatMap((item: Value, index) => references(item, `${at}/${index}`));
  if (!isObject(value)) return [];
  const { id } = value;
  const own = typeof id === "string" && id.startsWith("/subscriptions/") ? [{ id, at }] : [];
  return [...own, ...Object.entries(value).flatMap(([key, item]) => references(item, `${at}/${key}`))];
}

/** What refers to a resource: the id of the resource that does, and of the configuration inside of it. */
export function usersOf(cloud: Cloud, id: string): { readonly item: Item; readonly via: string }[] {
  return cloud.all.flatMap((item) =>
    references(item.body).flatMap((reference) =>
      isSameId(reference.id, id) ? [{ item, via: configurationAt(item, reference.at) }] : [],
    ),
  );
}

/** `…/ipConfigurations/primary` for `/ipConfigurations/0/subnet`. */
function configurationAt(item: Item, at: string): string {
  const [, collection = "", index = ""] = at.split("/");
  const name = objects(item.body[collection])[Number(index)]?.name;
  return typeof name === "string" ? `${item.id}/${collection}/${name}` : item.id;
}

/** The id in `{ id }`. */
export function idIn(value: Value | undefined): string | undefined {
  return isObject(value) && typeof value.id === "string" ? value.id : undefined;
}

export function objects(value: Value | undefined): readonly Props[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function texts(value: Value | undefined): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/**
 * Acts on the cloud that a file holds. Nothing of it stays if `act` fails. Several providers may be at work, one process each: a lock
 * beside the file keeps them apart.
 */
export function within<T>(file: string, act: (cloud: Cloud) => T): T {
  mkdirSync(dirname(file), { recursive: true });
  const lock = `${file}.lock`;
  const handle = acquired(lock);
  try {
    const cloud = new Cloud(existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : []);
    const result = act(cloud);
    writeFileSync(file, JSON.stringify(cloud.all, null, 1));
    return result;
  } finally {
    closeSync(handle);
    rmSync(lock);
  }
}

function acquired(lock: string): number {
  for (;;) {
    try {
      return openSync(lock, "wx");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
