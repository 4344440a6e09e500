/**
 * What every source of resources is reduced to. Nothing behind this file knows about Pulumi's wire format.
 */

/** A Pulumi resource name, `urn:pulumi:<stack>::<project>::<qualified type>::<name>`. */
export type Urn = string;

/**
 * A value that is not known yet: an output of a resource that does not exist, a masked secret, a property that a source dropped.
 * It is never an empty value and never an absent one.
 */
export class Unknown {
  /** Resources that the value is computed from; empty when the source cannot tell. */
  readonly dependsOn: readonly Urn[];
  /** Why it is unknown, in words for a report; the default is an output that is known only after the update. */
  readonly reason: string;

  constructor(dependsOn: readonly Urn[] = [], reason = "known only after the update") {
    this.dependsOn = dependsOn;
    this.reason = reason;
  }
}

/** A property value as the program gave it. Secrets are plain values here, listed in `ResourceSnapshot.secrets`. */
export type Value = null | boolean | number | string | Unknown | readonly Value[] | { readonly [key: string]: Value };

export interface SourceLocation {
  /** Path relative to the project's directory. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface ResourceSnapshot {
  readonly urn: Urn;
  /** Type token, e.g. `aws:ec2/instance:Instance`. */
  readonly type: string;
  readonly name: string;
  /** The provider's id where it is known: a resource that was read, imported, or taken from a state. */
  readonly id?: string;
  /** False for component resources. */
  readonly custom: boolean;
  /** True for a component that its own package constructs, where that is known: its source may not show what is inside. */
  readonly remote?: boolean;
  /** True for a resource that is read with `.get()`: it exists already and the program does not declare its inputs. */
  readonly external: boolean;
  readonly properties: { readonly [key: string]: Value };
  /** Resources that each top-level property depends on. */
  readonly propertyDependencies: { readonly [property: string]: readonly Urn[] };
  /** Top-level properties that hold a secret somewhere: judged by value, never printed. */
  readonly secrets?: ReadonlySet<string>;
  readonly parent?: Urn;
  readonly location?: SourceLocation;
}
