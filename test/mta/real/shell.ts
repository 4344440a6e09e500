import fc from "fast-check";
import { expect, test } from "vitest";
import type { Carrier } from "../../../policies/analysis/mta";
import { applyUserData } from "../../../policies/analysis/mta/carrier/apply";
import { Machine, mainCfPath, masterCfPath } from "../../../policies/analysis/mta/machine";
import { debianMainCf, packageMasterCf } from "../../../policies/analysis/mta/postfix/defaults";
import { logicalLines, type SourceLine } from "../../../policies/analysis/mta/postfix/lines";
import { Host, type Suite } from "./host";
import { scripts, surroundings } from "./scripts";

const COUNT = Number(process.env.RELAYPROOF_SCRIPTS ?? 100);

/** The two files that decide, as lines; null if one of them is not there. */
type Outcome = readonly string[] | null;

function outcomeOf(
  main: readonly SourceLine[] | null | undefined,
  master: readonly SourceLine[] | null | undefined,
): Outcome {
  if (main == null || master == null) return null;
  const lines = (it: readonly SourceLine[]) => logicalLines(it).map((line) => line.text.replace(/\s+/g, " ").trim());
  // Of a parameter the last line counts; postconf(1) adds several in an order of its own.
  const parameters = new Map(lines(main).map((line) => [/^[^ =]*/.exec(line)?.[0] ?? "", line]));
  return ["main.cf", ...[...parameters.values()].sort(), "master.cf", ...lines(master)];
}

function asLines(text: string | null): SourceLine[] | null {
  const lines = text?.split("\n") ?? null;
  if (lines?.[lines.length - 1] === "") lines.pop();
  return lines?.map((it) => ({ text: it, at: { urn: "" } })) ?? null;
}

/** What may come of a script: null if that is not known. */
export function foretold(script: string): readonly Outcome[] | null {
  const carrier: Carrier = { host: "host", kind: "user-data", at: { urn: "host", path: "userData" }, text: script };
  const machines = applyUserData(carrier, script, new Machine("host", "debian"));
  if (machines.some((machine) => machine.problems.length > 0)) return null;
  const outcomes = machines.map(({ files }) => outcomeOf(files.get(mainCfPath), files.get(masterCfPath)));
  return outcomes.includes(null) ? null : outcomes;
}

/** Lets the real bash run random scripts in a root, and holds the interpreter to the files that come of it. */
export function proveScriptsOn(suite: Suite): void {
  test(`${COUNT} random scripts leave the files that are foretold`, async () => {
    const host = await Host.boot(suite, "postfix");
    const told = { one: 0, several: 0, unknown: 0 };
    const wrong: string[] = [];
    try {
      await host.write({ ...surroundings, "/usr/local/bin/apt-get": "#!/bin/sh\n" });
      await host.sh("chmod +x /usr/local/bin/apt-get; cp -a /etc/postfix /postfix; cp -a /srv /srv.kept");
      await host.write({ "/postfix/main.cf": debianMainCf, "/postfix/master.cf": packageMasterCf });
      for (const script of fc.sample(scripts, { numRuns: COUNT, seed: Number(process.env.RELAYPROOF_SEED ?? 7) })) {
        const outcomes = foretold(script);
        if (outcomes === null) {
          told.unknown++;
          continue;
        }
        told[outcomes.length === 1 ? "one" : "several"]++;
        await host.sh(
          "rm -rf /etc/postfix /etc/postfix.* /srv /root; cp -a /postfix /etc/postfix; cp -a /srv.kept /srv; mkdir /root",
        );
        await host.write({ "/root.sh": script });
        const { output, status } = await host.run(["/bin/bash", "/root.sh"]);
        // Inside of the root, where links lead to what they mean.
        const read = async (path: string) => {
          const { status: code, output: text } = await host.run(["/bin/cat", path]);
          return code === 0 ? text : null;
        };
        const [main, master] = [await read(mainCfPath), await read(masterCfPath)];
        const real = JSON.stringify(outcomeOf(asLines(main), asLines(master)));
        if (outcomes.some((it) => JSON.stringify(it) === real)) continue;
        // A run that ends in an error is a deployment that failed, not one that is judged.
        if (status !== 0 && /\b(?:exit 1|set -e)/.test(script)) continue;
        wrong.push(
          `${script}\n--- really (status ${status}):\n${real}\n--- foretold:\n${outcomes.map((it) => JSON.stringify(it)).join("\n")}\n--- ${output}`,
        );
      }
    } finally {
      host.close();
    }
    console.log(
      `${suite}: ${told.one} scripts with one outcome, ${told.several} with several, ${told.unknown} undetermined`,
    );
    wrong.sort((a, b) => a.length - b.length);
    expect(wrong.slice(0, 3).join("\n=====\n")).toBe("");
    expect(told.unknown).toBeLessThan(COUNT / 3);
  }, 300_000);
}
