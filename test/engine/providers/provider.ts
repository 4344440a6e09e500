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

/**
 * A type of resources: the part of a schema that decides what the engine does, and the service that holds the resources.
 */
export interface Kind {
  /** Outputs that only the provider sets. Unknown until the resource exists. */
  readonly outputs: readonly string[];
  /** Inputs that the provider sets where the program does not. Unknown until the resource exists, if they are left out. */
  readonly computed: readonly string[];
  /** What an input is if the program leaves it out. */
  readonly defaults: Props;
  /** The input that a random name is made for if the program gives none. */
  readonly named?: string;
  /** Those of the changed properties that cannot be changed in place. */
  replaces(changed: readonly string[], old: Props, news: Props): readonly string[];
  readonly service: Service;
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
