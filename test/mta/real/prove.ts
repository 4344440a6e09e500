import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AddrSet, isSubset } from "../../../policies/analysis/net/addr";
import { parseCidr } from "../../../policies/analysis/net/cidr";
import { cases, configurationOf } from "./cases";
import { configuration, identities, undecided } from "./configurations";
import { evaluate } from "./evaluate";
import { Host, type Suite, sources, suites } from "./host";
import { contradictions, install, observe, running } from "./postfix";
import type { Configuration } from "./postfix-files";

/** RELAYPROOF_SEED and RELAYPROOF_RUNS draw other configurations, and more of them. */
const seed = Number(process.env.RELAYPROOF_SEED ?? 1);
const runs = Number(process.env.RELAYPROOF_RUNS ?? 130);

/** Holds the evaluator to what one version of the real Postfix does. */
export function proveOn(suite: Suite): void {
  describe(`Postfix ${suites[suite]}`, () => {
    let host: Host;
    beforeAll(async () => {
      host = await Host.boot(suite, "postfix");
      await host.run(["postfix", "check"]);
    });
    afterAll(() => host?.close());

    test("is the version that it is said to be", async () => {
      const { output } = await host.run(["postconf", "-hd", "mail_version"]);
      expect(output).toMatch(new RegExp(`^${suites[suite].replace(".", "\\.")}\\.`));
    });

    test.each(cases)("$name", async (it) => {
      expect(await differences(host, configurationOf(it))).toBe("");
      if (it.claims !== undefined) expect(await unclaimed(host, it.claims)).toEqual([]);
    });

    test.each(fc.sample(configuration, { seed, numRuns: runs }).map((it, i) => ({ it, i })))(
      `generated configuration $i of seed ${seed}`,
      async ({ it }) => {
        const open = undecided.some((sign) => sign.test(it.main + it.master));
        if (!open) expect(undecidedBy(it), shown(it)).toEqual([]);
        expect(await differences(host, it)).toBe("");
      },
    );
  });
}

function shown({ main, master }: Configuration): string {
  return `\n${main}\n${master.split("\npickup")[0]}\n`;
}

/** What the evaluator leaves open. */
function undecidedBy(it: Configuration): string[] {
  const mta = evaluate(it);
  if (mta.kind === "known") return mta.answers.flatMap((answer) => answer.relays.why.map((why) => why.text));
  return mta.kind === "undetermined" ? mta.why.map((why) => why.text) : [mta.kind];
}

/** Where Postfix, run with a configuration, contradicts the evaluator: the configuration and every contradiction, or nothing. */
async function differences(host: Host, it: Configuration): Promise<string> {
  const mta = evaluate(it);
  if (mta.kind !== "known") return "";
  await install(host, it);
  return running(host, async (log) => {
    const wrong: string[] = [];
    for (const answer of mta.answers) {
      // Who has to say a PROXY header first is judged by that.
      if (answer.loopbackOnly || answer.expectsProxyHeader === true) continue;
      wrong.push(...(await contradictions(host, answer, await observe(host, answer.port, identities, log))));
    }
    if (wrong.length === 0) return "";
    const warnings = (await log()).split("\n").filter((line) => /fatal|warning: (?!dict_nis|.*overriding)/.test(line));
    return `${shown(it)}\n${[...wrong, ...warnings.slice(0, 4)].join("\n")}`;
  });
}

/** Whether those peers, and no others, are judged by the address that they claim. */
async function unclaimed(host: Host, claims: { peers: readonly string[]; by: "PROXY" | "XCLIENT" }): Promise<string[]> {
  const trusted = claims.by === "PROXY" ? "10.0.2.20" : "127.0.0.1";
  const prelude = claims.by === "PROXY" ? [`PROXY TCP4 ${trusted} 10.0.1.4 4000 25`] : [`XCLIENT ADDR=${trusted}`];
  const inside = (address: string, network: string) =>
    isSubset(parseCidr(address) as AddrSet, parseCidr(network) as AddrSet);
  return running(host, async () => {
    const wrong: string[] = [];
    for (const from of sources.filter((it) => !it.includes(":"))) {
      const believed = claims.peers.some((peer) => inside(from, peer));
      const { accepted, last } = await host.probe(from, 25, identities, { prelude });
      if (accepted !== believed) wrong.push(`${from} as ${trusted} by ${claims.by}: ${accepted ? "believed" : last}`);
    }
    return wrong;
  });
}
