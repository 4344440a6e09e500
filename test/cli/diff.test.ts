import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Difference } from "../../cli/report/difference";
import { allV4, subtract } from "../../policies/analysis/net/addr";
import { cidr } from "../../policies/analysis/net/cidr";
import { cover, DONT_CARE } from "../../policies/analysis/net/cover";
import { relayproof } from "./run";

const recordings = join(__dirname, "../fixtures/recordings");
const before = join(recordings, "before/preview.json");
const after = join(recordings, "after/preview.json");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(__dirname, "tmp-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function diff(...args: string[]): {
  readonly status: number | null;
  readonly stderr: string;
  readonly found: Difference;
} {
  const { status, stdout, stderr } = relayproof(["diff", ...args, "--format", "json"]);
  return { status, stderr, found: JSON.parse(stdout) };
}

function report(from: string): string {
  const file = join(folder, "report.json");
  writeFileSync(file, relayproof(["check", "--from", from, "--format", "json"]).stdout);
  return file;
}

const shown = ({ found }: ReturnType<typeof diff>, host: string) =>
  found.exposure
    .filter(({ resource, side }) => resource.endsWith(`::${host}`) && side === "internet")
    .map(({ port, before, after, sources }) => ({ port, before, after, sources }));

describe("relayproof diff", () => {
  it("opens what a rule admits anew, and nothing where it is taken back", () => {
    const opened = diff(after, before);
    expect({ status: opened.status, stderr: opened.stderr }).toEqual({ status: 1, stderr: "" });
    expect(opened.found.opens).toBe(true);
    const closed = diff(before, after);
    expect(closed.status).toBe(0);
    for (const host of ["gateway", "sealed"]) {
      const [change, ...others] = shown(opened, host);
      expect(others).toEqual([]);
      expect(change).toMatchObject({ port: 25, before: "closed", after: "open" });
      const left = subtract(allV4, cidr(...(change?.sources ?? [])));
      expect(cover(left, DONT_CARE)).toEqual(["192.0.2.0/24", "198.51.100.0/24"]);
      expect(shown(closed, host)).toEqual([{ ...change, before: "open", after: "closed" }]);
    }
  });

  it("finds no difference between a program, what Pulumi wrote about it, and an earlier report", () => {
    const earlier = report(before);
    for (const { found } of [diff(earlier, before), diff(before, join(recordings, "before/state.json"))])
      expect(found).toMatchObject({ opens: false, exposure: [], roles: [], notCompared: [] });
    // Only the program shows a secret, so that what was undetermined is certain.
    const program = diff(earlier, recordings, "--stack", "before");
    expect({ status: program.status, stderr: program.stderr }).toEqual({ status: 1, stderr: "" });
    expect(program.found).toMatchObject({ opens: true, exposure: [], roles: [], notCompared: [] });
    expect(program.found.findings.changed.map(({ before, after }) => [before.outcome, after.outcome])).toEqual([
      ["undetermined", "violation"],
    ]);
    expect(relayproof(["diff", earlier, before]).stdout).toBe("NOTHING OPENS  before: no difference\n");
  });

  it("writes every format from one run, and says what it cannot read", () => {
    const file = join(folder, "diff.md");
    const { status, stdout } = relayproof(["diff", after, before, "--output", `markdown=${file}`]);
    expect({ status, opens: stdout.startsWith("OPENS  before: ") }).toEqual({ status: 1, opens: true });
    expect(readFileSync(file, "utf8")).toMatch(/^## 🔓 Relayproof: this change opens something\n/);
    expect(relayproof(["diff", after, before, "--format", "sarif"]).stderr).toBe(
      'relayproof: --format: unknown format "sarif"; expected one of pretty, json, markdown\n',
    );
    writeFileSync(file, "{}");
    expect(relayproof(["diff", file, before]).stderr).toBe(
      `relayproof: ${file}: not recognised; expected what pulumi preview --json, pulumi stack export or --event-log writes, or a report of relayproof check --format json\n`,
    );
  });

  it("reads a report of an older version, and says where one is broken", () => {
    const file = report(before);
    const { hosts: _, policies: __, assumptions: ___, ...older } = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify(older));
    expect(diff(file, before).found).toMatchObject({ opens: false, exposure: [], notCompared: ["roles", "policies"] });
    for (const [broken, message] of [
      [{ ...older, schemaVersion: 2 }, "schemaVersion: 2: expected 1, the version that this relayproof reads"],
      [{ ...older, exposure: [{ resource: "urn" }] }, "exposure[0].port: missing: Invalid input"],
      [{ ...older, findings: undefined }, "findings: missing: Invalid input"],
    ] as const) {
      writeFileSync(file, JSON.stringify(broken));
      const { status, stdout, stderr } = relayproof(["diff", file, before]);
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
      expect(stderr).toContain(`relayproof: ${file}: ${message}`);
      expect(stderr.split("\n")).toHaveLength(2);
    }
  });
});
