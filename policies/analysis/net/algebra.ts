/** The operations that bounds need of a kind of set. */
export interface Algebra<S> {
  union(a: S, b: S): S;
  intersect(a: S, b: S): S;
  subtract(a: S, b: S): S;
  isEmpty(a: S): boolean;
}
