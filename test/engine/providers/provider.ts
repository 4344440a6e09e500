import type { Props } from "./values";

/** A package of resources as the engine deals with it. */
export interface Provider {
  /** What is known about a type; null if the package has no such type. */
  kind(type: string): Kind | null;
  /** Takes the configuration of the provider: `region` and the like. */
  configure(config: Props): void;
  /** Answers a data source. */
  invoke(token: string, args: Props): Promise<Props>;
}

/** A type of resources: what its provider makes of it, and the service that holds the resources. */
export interface Kind {
  /** The inputs as the engine keeps them: with defaults and made up names. */
  check(checked: Checked): Props;
  diff(old: Props, news: Props): Diff;
  /** The outputs of a resource before it is created, or updated from `state`. */
  planned(inputs: Props, state?: Props): Props;
  /** The outputs of a resource that exists. */
  stateOf(found: Found): Props;
  /** What a program would have to say for a resource to be as it is. Without `inputs` nothing was said yet. */
  refreshed(read: { readonly inputs: Props; readonly before: Props; readonly state: Props }): Props;
  readonly service: Service;
}

export interface Checked {
  readonly news: Props;
  readonly olds: Props | null;
  readonly name: string;
  readonly seed: string;
}

export interface Found {
  readonly id: string;
  /** Null for a resource that the program only names. */
  readonly inputs: Props | null;
  readonly before: Props;
  readonly actual: Props;
}

export interface Diff {
  /** Paths of properties: `description`, `securityRules[0].access`. */
  readonly changed: ReadonlyMap<string, "add" | "delete" | "update">;
  /** Those of the changed that cannot be changed in place. */
  readonly replaces: readonly string[];
  readonly deleteFirst: boolean;
}

/** Where resources are. Every method fails with what the cloud says. */
export interface Service {
  /** @returns the id */
  create(inputs: Props, name: string): Promise<string>;
  /** @returns the properties that the cloud has, as they are, or null if the resource is gone. `before` decides the order of sets. */
  read(id: string, before: Props): Promise<Props | null>;
  update(id: string, old: Props, news: Props, state: Props): Promise<void>;
  delete(id: string, state: Props): Promise<void>;
}
