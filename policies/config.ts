import type { Settings } from "./analysis/model/settings";
import { type AddrSet, noAddresses, unionAll } from "./analysis/net/addr";
import type { Enforcement, Severity } from "./analysis/verdict/report";
import { matchesGlob } from "./config/glob";
import {
  addressSet,
  allSection,
  ConfigError,
  EnforcementLevel,
  type PerimeterSection,
  type PolicySection,
  parseSection,
  perimeterSection,
  sectionOf,
  show,
  type Waiver,
} from "./config/schema";
import { didYouMean } from "./config/suggest";
import type { Policy } from "./policy";

export { ConfigError, type Waiver } from "./config/schema";

/** Name of the section, and of the pack's first policy, that holds what all policies share. */
export const PERIMETER = "perimeter";

/** What the configuration needs to know of a policy. */
export type KnownPolicy = Pick<Policy, "name" | "severity" | "enforcement">;

/** The policy configuration, parsed. */
export interface PolicyConfig {
  readonly settings: Settings;
  /** What happens on a finding of `severity`, which is the policy's own unless the finding says otherwise. */
  enforcementOf(policy: KnownPolicy, severity?: Severity): Enforcement;
  /** The most that an undetermined finding can be. */
  readonly undetermined: Exclude<Enforcement, "disabled">;
  readonly waivers: readonly Waiver[];
  /** ESC environments that Pulumi would add to the configuration; nothing else can resolve them. */
  readonly environments: readonly string[];
}

/**
 * Reads the content of a policy configuration file. Absent keys have defaults; nothing else is guessed.
 *
 * @throws ConfigError about the first key that is unknown or has a value that it cannot have.
 */
export function parsePolicyConfig(json: unknown, known: readonly KnownPolicy[]): PolicyConfig {
  if (!isObject(json)) throw new ConfigError(`expected an object with a section for each policy, got ${show(json)}`);
  const policies = new Map(known.map((policy) => [policy.name, policy]));
  const sections = new Map<string, PolicySection>();
  const levels = new Map<string, Enforcement>();
  let shared = parseSection(perimeterSection, {}, [PERIMETER]);
  let environments: readonly string[] = [];

  for (const [key, value] of Object.entries(json)) {
    if (key === "environments") {
      environments = parseEnvironments(value);
      continue;
    }
    const section = typeof value === "string" ? { enforcementLevel: parseLevel(value, key) } : value;
    let level: Enforcement | undefined;
    if (key === "all") {
      level = parseSection(allSection, section, [key]).enforcementLevel;
    } else if (key === PERIMETER) {
      shared = parseSection(perimeterSection, section, [key]);
      level = shared.enforcementLevel;
    } else if (policies.has(key)) {
      const own = parseSection(sectionOf(key), section, [key]);
      sections.set(key, own);
      level = own.enforcementLevel;
    } else {
      throw new ConfigError(`${key}: unknown policy${didYouMean(key, [PERIMETER, ...policies.keys(), "all"])}`);
    }
    if (level !== undefined) levels.set(key, level);
  }

  const enforcementOf = (policy: KnownPolicy, severity: Severity = policy.severity): Enforcement =>
    levels.get(policy.name) ?? levels.get("all") ?? defaultEnforcement(policy, severity);

  requirePerimeter(levels, known, enforcementOf);
  shared.waivers.forEach((waiver, i) => {
    if (!policies.has(waiver.policy)) {
      const path = `${PERIMETER}.waivers[${i}].policy`;
      throw new ConfigError(
        `${path}: no policy ${show(waiver.policy)}${didYouMean(waiver.policy, [...policies.keys()])}`,
      );
    }
  });
  return {
    settings: toSettings(shared, sections),
    enforcementOf,
    undetermined: shared.undetermined,
    waivers: shared.waivers,
    environments,
  };
}

/** What happens on a finding unless it is configured. */
export function defaultEnforcement(policy: KnownPolicy, severity: Severity = policy.severity): Enforcement {
  return policy.enforcement ?? (severity === "critical" || severity === "high" ? "mandatory" : "advisory");
}

/** The others read what `perimeter` shares: without it none of them can judge. */
function requirePerimeter(
  levels: ReadonlyMap<string, Enforcement>,
  known: readonly KnownPolicy[],
  enforcementOf: (policy: KnownPolicy) => Enforcement,
): void {
  if ((levels.get(PERIMETER) ?? levels.get("all")) !== "disabled") return;
  const enabled = known.find((policy) => enforcementOf(policy) !== "disabled");
  if (enabled !== undefined) {
    throw new ConfigError(`${PERIMETER}: "disabled", but ${enabled.name} depends on it; disable each policy instead`);
  }
}

function toSettings(shared: PerimeterSection, sections: ReadonlyMap<string, PolicySection>): Settings {
  const roles = Object.entries(shared.roles);
  const destinations = Object.entries(shared.smtpDestinations).map(
    ([glob, texts]) => [glob, addressSet(texts)] as const,
  );
  const approved = addressesOrNull(shared.approvedSenders);
  const trusted = addressSet(shared.trustedNetworks);
  return {
    roleOf: (urn) => roles.find(([glob]) => matchesGlob(glob, urn))?.[1],
    approvedSenders: approved,
    approvedSendersFor: (policy) => {
      const own = sections.get(policy)?.approvedSenders;
      return own === undefined ? approved : addressesOrNull(own);
    },
    trustedNetworks: trusted,
    trustedNetworksFor: (policy) => {
      const own = sections.get(policy)?.trustedNetworks;
      return own === undefined ? trusted : addressSet(own);
    },
    smtpDestinationsOf: (urn) => {
      const matching = destinations.filter(([glob]) => matchesGlob(glob, urn));
      return matching.length === 0 ? noAddresses : unionAll(matching.map(([, set]) => set));
    },
    inwardAllowed: addressSet(shared.inwardAllowed),
    egressPorts: sections.get("smtp-egress-through-gateway")?.ports ?? [25],
  };
}

/** An empty list is no list: whoever approves nobody says so by declaring no front end. */
function addressesOrNull(texts: readonly string[]): AddrSet | null {
  return texts.length === 0 ? null : addressSet(texts);
}

function parseLevel(value: string, key: string): Enforcement {
  if (value === "remediate")
    throw new ConfigError(
      `${key}: no policy of this pack can "remediate"; expected "mandatory", "advisory" or "disabled"`,
    );
  return parseSection(EnforcementLevel, value, [key]);
}

function parseEnvironments(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((entry) => typeof entry === "string")) return value;
  throw new ConfigError(`environments: expected a list of names, got ${show(value)}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
