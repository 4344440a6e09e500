import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Report } from "../../policies/analysis/verdict/report";
import { relayproof } from "./run";

const recordings = join(__dirname, "../fixtures/recordings");
const before = join(recordings, "before/preview.json");
const after = join(recordings, "after/preview.json");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(__dirname, "tmp-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What `check` says of `from`, in a file. */
function report(from: string, name: string): string {
  const file = join(folder, name);
  writeFileSync(file, relayproof(["check", "--from", from, "--format", "json"]).stdout);
  return file;
}

function check(from: string, baseline: string): { readonly status: number | null; readonly found: Report } {
  const { status, stdout } = relayproof(["check", "--from", from, "--baseline", baseline, "--format", "json"]);
  return { status, found: JSON.parse(stdout) };
}

describe("relayproof check --baseline", () => {
  it("passes what the baseline has, and fails what opens beside it", () => {
    const [wide, narrow] = [report(before, "wide.json"), report(after, "narrow.json")];
    expect(JSON.parse(readFileSync(wide, "utf8")).verdict).not.toBe("pass");
    const same = check(before, wide);
    expect({ status: same.status, verdict: same.found.verdict, gone: same.found.baseline?.gone }).toEqual({
      ...{ status: 0, verdict: "pass", gone: [] },
    });
    const opened = check(before, narrow);
    expect(opened.status).toBe(1);
    expect(opened.found.findings.some(({ baseline }) => baseline !== "known")).toBe(true);
    const closed = check(after, wide);
    expect(closed.status).toBe(0);
  });

  it("reads a report of an older version", () => {
    const file = report(before, "older.json");
    const {
      hosts: _,
      policies: __,
      assumptions: ___,
      approvedSenders: ____,
      ...older
    } = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, JSON.stringify(older));
    expect(check(before, file).status).toBe(0);
  });

  it("says in one line what is no report", () => {
    for (const [args, message] of [
      [["--baseline", before], `${before}: not a report; expected what relayproof check --format json writes`],
      [["--baseline", join(folder, "nowhere.json")], `${join(folder, "nowhere.json")}: no such file or directory`],
      [
        ["--from", "-", "--baseline", "-"],
        "--from and --baseline are both standard input; one of them has to be a file",
      ],
    ] as const)
      expect(relayproof(["check", ...args])).toEqual({ status: 2, stdout: "", stderr: `relayproof: ${message}\n` });
  });
});
