import { isList, isObject, OPEN, Signature, signatureOf, UNKNOWN, type Wire, type WireObject } from "../wire";
import { AWS_ACCOUNT } from "./aws-account";
import { AWS_NETWORK } from "./aws-network";
import type { Fixtures } from "./fixtures";
import { OTHERS } from "./others";
import { question } from "./question";

const TABLE = { ...AWS_NETWORK, ...AWS_ACCOUNT, ...OTHERS };

/** Answers the questions of a program without a cloud account: from the fixture file first, then from a table of plausible answers. */
export class Answers {
  readonly #fixtures: Fixtures;
  readonly #config: ReadonlyMap<string, string>;
  readonly #asked = new Set<string>();

  constructor(fixtures: Fixtures, config: ReadonlyMap<string, string>) {
    this.#fixtures = fixtures;
    this.#config = config;
  }

  /** Questions that no fixture answers. */
  get asked(): readonly string[] {
    return [...this.#asked];
  }

  /** The answer of a data source. What is not known of it is unknown to the program, not absent. */
  invoke(token: string, args: WireObject): WireObject {
    const fixture = this.#fixtures.invokes.find(
      (candidate) => candidate.token === token && agrees(candidate.args, args),
    );
    if (fixture !== undefined) {
      return { ...fixture.result, [OPEN]: true };
    }
    this.#asked.add(token);
    const answer = TABLE[shorten(token)];
    if (answer === undefined || holdsUnknown(args)) {
      return { [OPEN]: true };
    }
    // Data sources repeat their arguments.
    return { ...args, ...answer(question(token, args, this.#config)), [OPEN]: true };
  }

  /** Outputs of another stack: `acme/network/prod` is also found as `network/prod`, and as `prod`. */
  stackReference(name: string): WireObject {
    const names = name.split("/").map((_, index, parts) => parts.slice(index).join("/"));
    const found = names.map((candidate) => this.#fixtures.stackReferences.get(candidate));
    const outputs = found.find((candidate) => candidate !== undefined);
    if (outputs === undefined) {
      this.#asked.add(`stack ${name}`);
    }
    return { outputs: outputs === undefined ? UNKNOWN : { ...outputs, [OPEN]: true }, secretOutputNames: [] };
  }

  /** What the fixture file knows of a resource that the program reads. */
  read(type: string, id: string): WireObject {
    return this.#fixtures.reads.find((read) => read.type === type && read.id === id)?.properties ?? {};
  }
}

/** `aws:ec2/getVpc:getVpc` and `aws:ec2:getVpc` → `aws:ec2/getVpc`; versions of a module are one. */
function shorten(token: string): string {
  const [pkg = "", module = "", name = ""] = token.split(":");
  return `${pkg}:${module.split("/")[0]}/${name}`;
}

function agrees(expected: Wire, actual: Wire | undefined): boolean {
  if (isObject(expected)) {
    return isObject(actual) && Object.entries(expected).every(([key, value]) => agrees(value, actual[key]));
  }
  if (isList(expected)) {
    return (
      actual !== undefined &&
      isList(actual) &&
      actual.length === expected.length &&
      expected.every((value, index) => agrees(value, actual[index]))
    );
  }
  return expected === actual;
}

function holdsUnknown(wire: Wire): boolean {
  if (isList(wire)) {
    return wire.some(holdsUnknown);
  }
  if (isObject(wire)) {
    const isUnknownOutput = signatureOf(wire) === Signature.Output && wire.value === undefined;
    return isUnknownOutput || Object.values(wire).some(holdsUnknown);
  }
  return wire === UNKNOWN;
}
