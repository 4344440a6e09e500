/** Types of what the SDK's modules hold, as far as this side of the engine touches them. */

export type Wire = unknown;
export type Properties = Record<string, unknown>;
export type Exports = Record<string, unknown>;
export type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

export interface OutputLike {
  readonly isKnown: Promise<boolean>;
  readonly isSecret: Promise<boolean>;
  promise(withUnknowns: boolean): Promise<unknown>;
  resources(): Iterable<unknown>;
  allResources?(): Promise<Iterable<unknown>>;
}

/** Whether the SDK marks an object as one of its own, in any of its copies. */
export function isMarked(value: object, mark: string): boolean {
  return (value as Properties)[mark] === true;
}

export function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
