import fc from "fast-check";
import { expect, test } from "vitest";
import type { Protocol } from "../../policies/analysis/model/network";
import type { ResourceSnapshot } from "../../policies/analysis/model/snapshot";
import { show } from "../oracle/address";
import { Oracle } from "../oracle/aws";
import { Engine, isAbroad, peersOf } from "./compare";
import { Dice } from "./dice";
import { generateNetwork } from "./generate";
import { isWhole, minimize, print } from "./minimize";

const runs = Number(process.env.RELAYPROOF_RUNS ?? 150);

/** The first difference between the set engine and the oracle on a network without unknowns; null if they agree. */
function difference(snapshots: readonly ResourceSnapshot[], seed: number): string | null {
  const dice = new Dice(seed);
  const protocol: Protocol = dice.pick(["tcp", "tcp", "tcp", "udp"]);
  const port = dice.pick([25, 25, 25, 0, 24, 443, 1023, 65535]);
  const oracle = new Oracle(snapshots);
  const engine = new Engine(snapshots);
  const peers = peersOf(oracle, snapshots, dice);
  for (const item of oracle.facts.interfaces) {
    const sets = {
      internet: engine.inbound(item.urn, "internet", protocol, port),
      network: engine.inbound(item.urn, "network", protocol, port),
      connected: engine.inbound(item.urn, "connected", protocol, port),
      outbound: engine.outbound(item.urn, protocol, port),
    };
    for (const [name, set] of Object.entries(sets))
      if (set.why.length > 0 && name !== "outbound")
        return `${name} of ${item.urn} is not decided: ${set.why.map((why) => why.text).join(", ")}`;
    for (const peer of peers) {
      const truth = {
        internet: oracle.fromInternet(peer.address, item, protocol, port),
        network: oracle.fromNetwork(peer.address, item, protocol, port),
        connected: oracle.fromLinked(peer.address, item, protocol, port),
        outbound: oracle.toInternet(item, peer.address, protocol, port),
      };
      for (const name of ["internet", "network", "connected", "outbound"] as const) {
        const set = sets[name];
        if ((name === "internet" || name === "outbound") && isAbroad(peer, item)) continue;
        const open = name === "outbound" && oracle.leadsToTransit(item.subnet, peer.address);
        if (engine.has(set.must, peer) !== truth[name] || (engine.has(set.may, peer) !== truth[name] && !open))
          return `${name} ${protocol} ${port} of ${item.urn} and ${show(peer.address)}: packets say ${truth[name]}`;
      }
    }
    for (const source of oracle.facts.interfaces.filter((other) => other !== item))
      for (const family of [4, 6] as const) {
        const set = engine.between(source.urn, item.urn, family, protocol, port);
        const open = set.must.addr.v4.length + set.must.addr.v6.length > 0;
        const truth = oracle.between(source, item, family, protocol, port);
        if (open !== truth || set.why.length > 0)
          return `IPv${family} ${protocol} ${port} from ${source.urn} to ${item.urn}: packets say ${truth}`;
      }
  }
  return null;
}

function safely(check: () => string | null): string | null {
  try {
    return check();
  } catch {
    return null;
  }
}

test("known networks: the sets are exactly what the packets do", () => {
  fc.assert(
    fc.property(fc.noShrink(fc.nat()), (seed) => {
      const snapshots = generateNetwork(new Dice(seed));
      const found = difference(snapshots, seed);
      if (found === null) return;
      const fails = (candidate: readonly ResourceSnapshot[]) =>
        isWhole(candidate) && safely(() => difference(candidate, seed)) !== null;
      const small = minimize(snapshots, fails);
      expect.fail(`${safely(() => difference(small, seed)) ?? found}\n${print(small)}`);
    }),
    { numRuns: runs },
  );
}, 3_600_000);
