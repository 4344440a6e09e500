import type { Provenance, Reason } from "../../model/provenance";
import { builtIn } from "./defaults";
import { expand } from "./expand";
import type { SourceLine } from "./lines";
import type { Parameter } from "./main-cf";
import type { Service } from "./master-cf";
import { Unreadable } from "./words";

/** The content of a file that a table or a list may name; null if something of unknown content was put there. */
export type Files = ReadonlyMap<string, readonly SourceLine[] | null>;

/** A whole configuration of Postfix. */
export interface PostfixConfig {
  readonly host: string;
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly services: readonly Service[];
  readonly files: Files;
  /** Tables that `postmap` has compiled since they were written. */
  readonly compiled: ReadonlySet<string>;
}

/** The parameters as one service sees them: `-o`, then main.cf, then the built-in default. */
export class View {
  readonly config: PostfixConfig;
  readonly overrides: ReadonlyMap<string, Parameter>;

  constructor(config: PostfixConfig, overrides: ReadonlyMap<string, Parameter> = new Map()) {
    this.config = config;
    this.overrides = overrides;
  }

  /** True if the configuration itself sets the parameter. */
  isSet(name: string): boolean {
    return this.overrides.has(name) || this.config.parameters.has(name);
  }

  /**
   * The expanded value; undefined if there is no such parameter.
   * @throws Unreadable if it depends on something that is not covered.
   */
  find(name: string): string | undefined {
    const raw = this.raw(name);
    if (raw === undefined) return undefined;
    try {
      return expand(raw, (inner) => this.rawOrFail(inner)).trim();
    } catch (error) {
      if (error instanceof Unreadable) throw new Unreadable(`${name}: ${error.message}`);
      throw error;
    }
  }

  /** The expanded value of a parameter that has a built-in default. */
  get(name: string): string {
    return this.find(name) ?? "";
  }

  /** True for `yes`, false for `no`; Postfix refuses everything else. */
  flag(name: string): boolean {
    const value = this.get(name).toLowerCase();
    if (value !== "yes" && value !== "no") throw new Unreadable(`${name} = ${value} is neither yes nor no`);
    return value === "yes";
  }

  /** Where the parameter is set; the service's or the host's place if it is not. */
  at(name: string): Provenance {
    return (this.overrides.get(name) ?? this.config.parameters.get(name))?.at ?? { urn: this.config.host };
  }

  /** `name = value` with its place, for a trace. */
  quote(name: string): Reason {
    const set = this.overrides.get(name) ?? this.config.parameters.get(name);
    if (set === undefined) return { text: `${name} is not set; its default applies`, at: { urn: this.config.host } };
    const value = set.value.length > 200 ? `${set.value.slice(0, 200)}…` : set.value;
    return { text: `${name} = ${value.replace(/\s+/g, " ")}`.trim(), at: set.at };
  }

  private raw(name: string): string | undefined {
    const set = this.overrides.get(name) ?? this.config.parameters.get(name);
    if (set !== undefined) return set.value;
    if (name === "mydomain" && this.isSet("myhostname")) {
      // "The default is to use $myhostname minus the first component."
      const host = this.get("myhostname");
      return host.includes(".") ? host.slice(host.indexOf(".") + 1) : "localdomain";
    }
    return Object.hasOwn(builtIn, name) ? builtIn[name] : undefined;
  }

  private rawOrFail(name: string): string {
    const raw = this.raw(name);
    // It may be one of the several hundred parameters whose default is not kept here.
    if (raw === undefined) throw new Unreadable(`$${name} is not set in this configuration`);
    return raw;
  }
}
