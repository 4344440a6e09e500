import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { judgeStack, readPolicyConfig } from "../../cli/commands/judge-stack";
import { readFixtures } from "../../cli/engine/answers/fixtures";
import { loadProgram } from "../../cli/sources/program";
import type { Finding } from "../../policies/analysis/verdict/report";
import { Account } from "./account";
import { emulator } from "./emulator";
import { describeOnEngine, moto, type PolicyDiagnostic, pack, root, Workspace } from "./pulumi";

/**
 * One program, three verdicts: the checker's on the embedded engine, the pack's at a preview on Pulumi's engine, and the pack's on the
 * exported state after the update. The first two are equal. The third may decide what was undetermined, and contradicts nothing.
 */

/** Judged one rule at a time by the pack, which is told no graph: what it adds is advice about rules on their own. */
const SINGLE = "smtp-security-group-ingress";

/** The checker knows what is secret, and does not show it. Policies are not told (github.com/pulumi/pulumi-policy/issues/241). */
const SECRET = /a line of a secret, which is not shown/;

/**
 * Without `plugin`: what a plugin constructs is not seen by the checker, which says so, and seen by the pack. plugin.test.ts compares the
 * pack with the state. For the same reason `web` of the fixtures is left out, which constructs a cluster by a plugin that is not here:
 * `balanced` has balancers, a scaling group and a NAT gateway too.
 */
const examples = readdirSync(join(root, "examples")).filter(
  (name) => existsSync(join(root, "examples", name, "Pulumi.yaml")) && name !== "plugin",
);
const environments = readdirSync(join(root, "stacks")).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);

interface Case {
  readonly project: string;
  readonly stack: string;
  /** Why an account refuses it: then there is no state. */
  readonly refused?: string;
  /** What Pulumi's engine does not show to a policy, and the embedded one does: the pack leaves open what the checker decides. */
  readonly hidden?: string;
  /** What the account and other stacks say to those who ask: the checker by a fixture file, Pulumi's engine by the provider and its states. */
  readonly answers?: string;
}

const EXISTING = "it names what the account does not have";

const cases: readonly Case[] = [
  ...environments.map((stack) => ({ project: ".", stack })),
  ...examples.map((name) => ({
    project: `examples/${name}`,
    stack: "dev",
    ...(name === "existing-network" && { refused: "it names a network that the account does not have" }),
  })),
  { project: "test/engine/programs/many", stack: "dev" },
  { project: "test/engine/programs/balanced", stack: "dev" },
  { project: "test/engine/programs/azure-mail", stack: "dev" },
  { project: "test/engine/programs/azure-balanced", stack: "dev" },
  { project: "test/engine/programs/both", stack: "dev" },
  {
    project: "test/fixtures/programs/network",
    stack: "dev",
    refused: "it names a security group that there is not",
    hidden: "the known part of a list of groups that is one output",
  },
  { project: "test/fixtures/programs/odd", stack: "dev", refused: "nothing in it is valid" },
  {
    project: "test/engine/programs/azure-existing",
    stack: "dev",
    refused: EXISTING,
    hidden: "a subnet that the program reads",
    answers: join(__dirname, "answers/azure-existing.yaml"),
  },
  // With answers only: what nobody answers is unknown to a program on the embedded engine, and an error to one on Pulumi's.
  ...["reads", "datasources", "awaited"].map((name) => ({
    project: `test/fixtures/programs/${name}`,
    stack: "dev",
    refused: EXISTING,
    answers: join(__dirname, "answers", `${name}.yaml`),
  })),
];

describeOnEngine("equality", () => {
  const aws = emulator(moto);

  it.each(cases)(
    "$project, $stack",
    async ({ project, stack, refused, hidden, answers }) => {
      await new Account(aws.url).reset();
      const directory = join(root, project);
      const given = { ...(answers !== undefined && { fixtures: answers }) };
      const report = judgeStack(await loadProgram({ directory, stack, ...given }), readPolicyConfig({}));
      const checked = report.findings.map(fromChecker);

      const told = { ...(answers !== undefined && { answers }) };
      const pulumi = new Workspace({ project: directory, endpoint: () => aws.url, ...told });
      if (answers !== undefined) {
        for (const [name, outputs] of readFixtures(answers).stackReferences) {
          const [other = "", itsStack = ""] = name.split("/");
          await pulumi.publish(other, itsStack, outputs);
        }
      }
      await pulumi.must("stack", "init", stack);
      const preview = await pulumi.run("preview", "--policy-pack", pack);
      expect(preview.changes, preview.stderr + preview.stdout).not.toEqual([]);
      const previewed = preview.policies.map(fromPack);
      const quiet = new Set(checked.filter(({ says }) => SECRET.test(says)).map(keyOf));
      if (hidden === undefined) expect(ofStack(previewed, quiet)).toEqual(ofStack(checked, quiet));
      else expectLessDecided(checked, previewed);
      expect(preview.status !== 0).toBe(previewed.some(({ level }) => level === "mandatory"));
      expectAdviceAtMost(checked, previewed);
      if (refused !== undefined) return;

      await pulumi.must("up", "--yes", "--skip-preview");
      const state = join(pulumi.directory, "state.json");
      writeFileSync(state, (await pulumi.must("stack", "export", "--show-secrets")).stdout);
      const analyzed = await pulumi.run("policy", "analyze", "--policy-pack", pack, "--file", state, "--json");
      expectNoContradiction(previewed, analyzed.policies.map(fromPack));
    },
    600_000,
  );
});

interface Line {
  readonly policy: string;
  readonly outcome: string;
  readonly level: string;
  readonly severity: string;
  readonly urn: string;
  /** The message without its path. */
  readonly says: string;
}

function fromChecker({ policy, outcome, enforcement: level, severity, resource: urn, message }: Finding): Line {
  return { policy, outcome, level, severity, urn, says: message.replace(/\s+/g, " ") };
}

function fromPack({ policy, level, severity, urn, message }: PolicyDiagnostic): Line {
  const [first = ""] = message.split("\n");
  const undetermined = first.startsWith("Undetermined: ");
  const outcome = undetermined ? "undetermined" : "violation";
  return { policy, outcome, level, severity, urn, says: undetermined ? first.slice("Undetermined: ".length) : first };
}

/** @param quiet findings of which only the outcome counts */
function ofStack(lines: readonly Line[], quiet: ReadonlySet<string>): string[] {
  const own = lines.filter(({ policy }) => policy !== SINGLE);
  return own.map((line) => inOneLine(quiet.has(keyOf(line)) ? { ...line, says: "…" } : line)).sort();
}

function keyOf({ policy, urn }: Line): string {
  return `${policy} ${urn}`;
}

/** Where the pack is shown less it leaves open, and never decides the opposite. */
function expectLessDecided(checked: readonly Line[], previewed: readonly Line[]): void {
  const outcomes = (lines: readonly Line[]) =>
    lines.filter(({ policy }) => policy !== SINGLE).map((line) => `${keyOf(line)} ${line.outcome}`);
  const open = new Set(previewed.filter(({ outcome }) => outcome === "undetermined").map(keyOf));
  const lost = checked.filter((line) => line.policy !== SINGLE && !open.has(keyOf(line)));
  expect(outcomes(previewed)).toEqual(expect.arrayContaining(outcomes(lost)));
  const violations = outcomes(checked).filter((it) => it.endsWith(" violation"));
  expect(violations).toEqual(expect.arrayContaining(outcomes(previewed).filter((it) => it.endsWith(" violation"))));
}

function inOneLine({ policy, outcome, level, severity, urn, says }: Line): string {
  return `${policy} ${outcome} ${level} ${severity} ${urn}: ${says}`;
}

/** The pack finds every single rule that the checker finds; what it adds is advice. */
function expectAdviceAtMost(checked: readonly Line[], previewed: readonly Line[]): void {
  const ofRules = (lines: readonly Line[]) => lines.filter(({ policy }) => policy === SINGLE);
  const urns = (lines: readonly Line[]) => ofRules(lines).map(({ urn }) => urn);
  expect(urns(previewed)).toEqual(expect.arrayContaining(urns(checked)));
  for (const { urn, level } of ofRules(previewed))
    expect([urns(checked).includes(urn), level]).toContain(urns(checked).includes(urn) ? true : "advisory");
}

/**
 * What was a violation stays one. What was none becomes one only on a resource of which something was undetermined: once its
 * configuration is known, other policies have their say about it too. Nothing decided opens again.
 */
function expectNoContradiction(before: readonly Line[], after: readonly Line[]): void {
  const keys = (lines: readonly Line[], outcome: string) =>
    new Set(lines.filter((it) => it.outcome === outcome).map(keyOf));
  const open = new Set(before.filter(({ outcome }) => outcome === "undetermined").map(({ urn }) => urn));
  const violated = keys(after, "violation");
  const lost = [...keys(before, "violation")].filter((it) => !violated.has(it));
  expect(lost, "found at the preview, not in the state").toEqual([]);
  const known = new Set(before.map(keyOf));
  const added = after.filter((line) => !known.has(keyOf(line)) && !open.has(line.urn));
  expect(added.map(inOneLine), "found in the state only").toEqual([]);
}
