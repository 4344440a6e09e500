import type { ResourceValidationArgs, StackValidationArgs } from "@pulumi/policy";
import type { Settings } from "../analysis/model/settings";
import type { ResourceSnapshot, Urn } from "../analysis/model/snapshot";
import type { Perimeter } from "../analysis/verdict/perimeter";
import type { PolicyFinding } from "../analysis/verdict/report";
import { ConfigError, PERIMETER, type PolicyConfig, parsePolicyConfig } from "../config";
import { notEvaluated, rootOf } from "../judge";
import type { Policy } from "../policy";
import { type RawProperties, rawProperties, snapshotsOf } from "./snapshots";

/** What the pack is made of. */
export interface PackInput {
  readonly policies: readonly Policy[];
  buildPerimeter(resources: readonly ResourceSnapshot[], settings: Settings): Perimeter;
  /**
   * Policies that judge a resource by itself before it is created, by name. Such a policy does not run on the whole stack again.
   */
  readonly resourceChecks: Readonly<
    Record<string, (resource: ResourceSnapshot, settings: Settings) => readonly PolicyFinding[]>
  >;
  readonly now: () => Date;
}

type Section = Readonly<Record<string, unknown>>;

/** What went wrong, as one line, or what came out. */
export type Attempt<T> = { readonly problem: string } | ({ readonly problem: null } & T);

/** The model of one validation of a stack. */
export type PackRun = { readonly stackUrn: Urn } & Attempt<{
  readonly snapshots: readonly ResourceSnapshot[];
  readonly section: Section;
  readonly config: PolicyConfig;
  readonly perimeter: Perimeter;
}>;

/**
 * What the policies of a pack share within one process. CrossGuard calls them one after the other, in the order of the pack, and
 * gives each its own section of the configuration only.
 */
export class PackSession {
  readonly #input: PackInput;
  readonly #inputs = new Map<Urn, RawProperties>();
  #section: Section = {};
  #reported: string | null = null;
  #run: PackRun | null = null;
  readonly #readers = new Set<string>();

  constructor(input: PackInput) {
    this.#input = input;
  }

  /** Keeps the inputs of a resource: the stack policies get to see outputs only. */
  record(args: ResourceValidationArgs): void {
    this.#inputs.set(args.urn, rawProperties(args.props));
  }

  /** Whether `perimeter` has seen the resource, which comes first if it is enabled. */
  sawResource(urn: Urn): boolean {
    return this.#inputs.has(urn);
  }

  /** Takes the shared section. Returns what is wrong with it, once. */
  configurationProblem(section: Section): string | null {
    this.#section = section;
    const { problem } = this.#parse({ [PERIMETER]: section });
    if (problem === this.#reported) return null;
    this.#reported = problem;
    return problem;
  }

  /** Builds the model of a stack. */
  begin(args: StackValidationArgs): PackRun {
    this.#readers.clear();
    this.#section = args.getConfig<Section>();
    const section = this.#section;
    const stackUrn = rootOf(args.resources) ?? args.resources[0]?.urn ?? "";
    const parsed = this.#parse({ [PERIMETER]: section });
    const snapshots = snapshotsOf(args.resources, this.#inputs);
    const built = parsed.problem === null ? this.#build(snapshots, parsed.config, PERIMETER) : parsed;
    this.#run =
      parsed.problem !== null || built.problem !== null
        ? { stackUrn, problem: parsed.problem ?? built.problem ?? "" }
        : { stackUrn, problem: null, snapshots, section, config: parsed.config, perimeter: built.perimeter };
    return this.#run;
  }

  /**
   * The model for one policy, or null if `perimeter` did not run. Each policy runs once in a validation: the second time, the model
   * is that of another one, and stale.
   */
  enter(policy: string): PackRun | null {
    if (this.#readers.has(policy)) this.#run = null;
    this.#readers.add(policy);
    return this.#run;
  }

  /** The model as a policy's own section wants it. */
  forPolicy(
    run: Extract<PackRun, { problem: null }>,
    policy: string,
    own: Section,
  ): Attempt<{ readonly config: PolicyConfig; readonly perimeter: Perimeter }> {
    if (Object.keys(own).length === 0) return { problem: null, config: run.config, perimeter: run.perimeter };
    const parsed = this.#parse({ [PERIMETER]: run.section, [policy]: own });
    if (parsed.problem !== null) return parsed;
    const built = this.#build(run.snapshots, parsed.config, policy);
    return built.problem !== null ? built : { problem: null, config: parsed.config, perimeter: built.perimeter };
  }

  /** The configuration of a resource policy, or null if the shared section cannot be used, which `perimeter` reports. */
  configFor(policy: string, own: Section): Attempt<{ readonly config: PolicyConfig }> | null {
    if (this.#parse({ [PERIMETER]: this.#section }).problem !== null) return null;
    return this.#parse({ [PERIMETER]: this.#section, [policy]: own });
  }

  readonly #parsed = new Map<string, Attempt<{ readonly config: PolicyConfig }>>();

  #parse(json: Section): Attempt<{ readonly config: PolicyConfig }> {
    const key = JSON.stringify(json);
    const known = this.#parsed.get(key) ?? this.#parseAnew(json);
    this.#parsed.set(key, known);
    return known;
  }

  #parseAnew(json: Section): Attempt<{ readonly config: PolicyConfig }> {
    try {
      return { problem: null, config: parsePolicyConfig(json, this.#input.policies) };
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return { problem: `The policy configuration cannot be used: ${error.message}` };
    }
  }

  #build(
    snapshots: readonly ResourceSnapshot[],
    config: PolicyConfig,
    policy: string,
  ): Attempt<{ readonly perimeter: Perimeter }> {
    try {
      return { problem: null, perimeter: this.#input.buildPerimeter(snapshots, config.settings) };
    } catch (error) {
      return { problem: notEvaluated({ name: policy, severity: "critical" }, "", error).finding.message };
    }
  }
}
