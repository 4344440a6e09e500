import fc from "fast-check";
import { expect, test } from "vitest";
import * as addr from "../../policies/analysis/net/addr";
import { publicPart } from "../../policies/analysis/net/cover";
import * as ranges from "../../policies/analysis/net/ranges";
import { Flows } from "../../policies/analysis/reach/flows";
import { Oracle } from "../oracle/aws";
import { Engine } from "./compare";
import { Dice } from "./dice";
import { generateNetwork } from "./generate";
import { preview } from "./preview";

const runs = Number(process.env.RELAYPROOF_RUNS ?? 150);

test("a first preview, where no id and no private address is known, decides the Internet as the state does", () => {
  fc.assert(
    fc.property(fc.noShrink(fc.nat()), (seed) => {
      const dice = new Dice(seed);
      const known = generateNetwork(dice);
      const port = dice.pick([25, 25, 443, 1023]);
      const state = new Engine(known);
      const first = new Engine(preview(known, dice, "leaf"));
      for (const { urn } of new Oracle(known).facts.interfaces) {
        const wanted = state.inbound(urn, "internet", "tcp", port);
        const found = first.inbound(urn, "internet", "tcp", port);
        expect(found.why, urn).toEqual([]);
        // Where a rule names a group, private addresses of its members count; they are no source on the Internet.
        expect(addr.equal(publicPart(found.must.addr), publicPart(wanted.must.addr)), urn).toBe(true);
      }
    }),
    { numRuns: runs },
  );
}, 3_600_000);

test("ports that nothing on a path tells apart have one answer", () => {
  fc.assert(
    fc.property(fc.noShrink(fc.nat()), (seed) => {
      const dice = new Dice(seed);
      const engine = new Engine(generateNetwork(dice));
      const flows = new Flows(engine.reach);
      for (const host of engine.network.hosts) {
        const all = flows.inboundAny(host, "tcp");
        for (const port of [0, 24, 25, 26, 443, 65535, dice.int(0, 65535)]) {
          const split = all.filter((flow) => ranges.includes(flow.ports, port));
          const single = flows.inbound(host, port);
          expect(split.map(({ path, endpoints }) => ({ path, endpoints }))).toEqual(
            single.map(({ path, endpoints }) => ({ path, endpoints })),
          );
        }
      }
    }),
    { numRuns: runs },
  );
}, 3_600_000);
