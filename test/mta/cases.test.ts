import { describe, expect, test } from "vitest";
import { toCidrs } from "../../policies/analysis/net/cidr";
import { cases, configurationOf } from "./real/cases";
import { evaluate } from "./real/evaluate";

describe("configurations that the real Postfix is run with", () => {
  test.each(cases)("$name", (it) => {
    const { relays, claims, outage } = it;
    const mta = evaluate(configurationOf(it));
    if (mta.kind !== "known") throw new Error(JSON.stringify(mta));
    const found = mta.answers.map((answer) => {
      const [must, may] = [toCidrs(answer.relays.must), toCidrs(answer.relays.may)];
      return [answer.port, answer.relays.why.length === 0 ? must : { must, may }];
    });
    expect(Object.fromEntries(found)).toEqual(relays);
    for (const answer of mta.answers) {
      expect(answer.outage !== undefined).toBe(outage === true);
      expect(toCidrs(answer.claims?.must ?? { v4: [], v6: [] })).toEqual(claims?.peers ?? []);
    }
  });
});
