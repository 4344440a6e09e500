import type { Provenance, Reason } from "../../../model/provenance";
import type { Call } from "./call";
import { Opaque, same, type Value } from "./values";

/** What a product's commands act on: a state that is never changed in place. */
export interface Product<S> {
  /** Runs a command of the product, or says with null that it is none. */
  run(call: Call, state: S, session: Session): { readonly state: S; readonly output: readonly Value[] } | null;
  either(a: S, b: S, why: Reason): S;
}

export interface Session {
  at(line: number): Provenance;
  /** Something that may change the state in a way that is not followed. */
  problem(text: string, line: number): void;
}

/** Statements, expressions and commands that are followed. Real scripts stay below a hundredth of it. */
const MAX_STEPS = 150_000;
const MAX_DEPTH = 24;

export class Exhausted extends Error {}

interface Snapshot<S> {
  readonly state: S;
  readonly variables: Map<string, Value>;
}

export type Leaving = "break" | "continue" | "return" | "exit";

/** What a script has at hand while it runs, and what happens where it cannot be told which way it goes. */
export abstract class Environment<S> implements Session {
  state: S;
  readonly problems: Reason[] = [];
  /** Those of them that may be about anything. */
  readonly unseen: Reason[] = [];
  /** Scripts inside the script, unpacked. */
  readonly texts: string[] = [];
  /** States that a script may be left in before its end, by a condition that is not known. */
  readonly left: S[] = [];
  /** Texts of files that the script writes; null where they are not known. */
  readonly files = new Map<string, string | null>();
  readonly ran = new Set<string>();
  protected variables = new Map<string, Value>();
  protected readonly product: Product<S>;
  /** The resource that holds the script that runs. */
  urn: string;
  protected label: string;
  protected depth = 0;
  protected inFunction = 0;
  protected leaving: Leaving | null = null;
  protected mayLeave = false;
  protected steps = 0;
  protected line = 1;

  constructor(product: Product<S>, state: S, urn: string) {
    this.product = product;
    this.state = state;
    this.urn = urn;
    this.label = "";
  }

  at(line: number): Provenance {
    return { urn: this.urn, path: `${this.label}:${line}` };
  }

  problem(text: string, line: number): void {
    if (this.problems.length < 200) this.problems.push({ text, at: this.at(line) });
  }

  /** Something runs that nobody can see: it is a problem even if nothing else speaks of a mail server. */
  hidden(text: string, line: number): void {
    this.unread(text, this.at(line));
  }

  unread(text: string, at: Provenance): void {
    this.problems.push({ text, at });
    this.unseen.push({ text, at });
  }

  /** The place of the command that is running, as the name of a script inside it. */
  inner(what: string): string {
    return `${this.label}:${this.line}: ${what}`;
  }

  /** Runs something whose places are in the text that `label` names. */
  under(label: string, run: () => void): void {
    const before = this.label;
    this.label = label;
    this.deeper(run);
    this.label = before;
  }

  /** Follows what may run and may not. */
  perhaps(run: () => readonly Value[], what: string): Value[] {
    return this.fork(run, () => [], what);
  }

  /** Follows what runs only where something fails: if it ends there, the script has not done what it is for. */
  protected failing(run: () => readonly Value[]): Value[] {
    return this.perhaps(() => {
      const output = run();
      if (this.leaving !== null || this.mayLeave) this.leaving = "exit";
      this.mayLeave = false;
      return output;
    }, "whether an error is caught");
  }

  protected fork(a: () => readonly Value[], b: () => readonly Value[], what: string): Value[] {
    const why: Reason = { text: `${what} is not known`, at: this.at(this.line) };
    const start = this.snapshot();
    const outA = a();
    const [endA, leftA] = [this.snapshot(), this.leaving];
    this.leaving = null;
    this.restore(start);
    const outB = b();
    const leftB = this.leaving;
    if (leftA === "exit" && leftB !== "exit") {
      this.left.push(endA.state);
      return [...outB];
    }
    if (leftB === "exit" && leftA !== "exit") {
      this.left.push(this.state);
      this.restore(endA);
      this.leaving = leftA;
      return [...outA];
    }
    if (leftA !== leftB) this.mayLeave = true;
    this.leaving = leftA === leftB ? leftA : null;
    this.state = this.product.either(endA.state, this.state, why);
    for (const name of new Set([...endA.variables.keys(), ...this.variables.keys()])) {
      const [x, y] = [endA.variables.get(name), this.variables.get(name)];
      if (x !== undefined && y !== undefined && same(x, y)) continue;
      this.variables.set(name, new Opaque(why.text));
    }
    if (outA.length === 0 && outB.length === 0) return [];
    return same(outA, outB) ? [...outA] : [new Opaque(why.text, [...outA, ...outB])];
  }

  protected snapshot(): Snapshot<S> {
    return { state: this.state, variables: new Map(this.variables) };
  }

  protected restore(to: Snapshot<S>): void {
    this.state = to.state;
    this.variables = new Map(to.variables);
  }

  protected step(): void {
    if (++this.steps > MAX_STEPS) throw new Exhausted("it takes longer to follow than any real script");
  }

  protected deeper<T>(run: () => T): T {
    if (this.depth >= MAX_DEPTH) throw new Exhausted("its scripts and functions call each other too deeply");
    this.depth++;
    try {
      return run();
    } finally {
      this.depth--;
    }
  }
}
