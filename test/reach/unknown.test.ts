import fc from "fast-check";
import { expect, test } from "vitest";
import type { EndpointSet } from "../../policies/analysis/model/endpoints";
import { endpoints } from "../../policies/analysis/model/endpoints";
import type { Protocol } from "../../policies/analysis/model/network";
import { Unknown } from "../../policies/analysis/model/snapshot";
import type { Bounds } from "../../policies/analysis/net/bounds";
import { type Address, holds, show } from "../oracle/address";
import { Oracle } from "../oracle/aws";
import type { Interface } from "../oracle/resources";
import { blur } from "./blur";
import { Engine, isAbroad, type Peer, peersOf } from "./compare";
import { Dice } from "./dice";
import { generateNetwork } from "./generate";
import { isWhole, minimizePair, type Pair, print } from "./minimize";

const runs = Number(process.env.RELAYPROOF_RUNS ?? 150);

/** The first place where a filled-in network lies outside the bounds that the set engine gives for the unknown one. */
function outside({ blurred, filled }: Pair, seed: number): string | null {
  const dice = new Dice(seed);
  const protocol: Protocol = dice.pick(["tcp", "tcp", "tcp", "udp"]);
  const port = dice.pick([25, 25, 25, 0, 24, 443, 1023, 65535]);
  const oracle = new Oracle(filled);
  const engine = new Engine(blurred);
  const peers = peersOf(oracle, filled, dice);
  const addressable = new Set(
    blurred
      .filter(({ properties: p }) => ![p.cidrBlock, p.ipv6CidrBlock].some((value) => value instanceof Unknown))
      .map(({ urn }) => urn),
  );
  for (const item of oracle.facts.interfaces) {
    const questions = {
      internet: {
        set: engine.inbound(item.urn, "internet", protocol, port),
        truth: (address: Address) => oracle.fromInternet(address, item, protocol, port),
      },
      network: {
        set: engine.inbound(item.urn, "network", protocol, port),
        truth: (address: Address) => oracle.fromNetwork(address, item, protocol, port),
      },
      connected: {
        set: engine.inbound(item.urn, "connected", protocol, port),
        truth: (address: Address) => oracle.fromLinked(address, item, protocol, port),
      },
      outbound: {
        set: engine.outbound(item.urn, protocol, port),
        truth: (address: Address) => oracle.toInternet(item, address, protocol, port),
      },
    };
    for (const [name, { set, truth }] of Object.entries(questions)) {
      const why = reasonsMissing(set);
      if (why !== null) return `${name} of ${item.urn}: ${why}`;
      for (const peer of peers) {
        if ((name === "internet" || name === "outbound") && isAbroad(peer, item)) continue;
        const answer = truth(peer.address);
        const where = `${name} ${protocol} ${port} of ${item.urn} and ${show(peer.address)}`;
        if (answer && !engine.has(set.may, peer)) return `${where} is possible, and outside the upper bound`;
        if (!answer && engine.has(set.must, peer) && !isOwnSpace(oracle, item, peer, name, addressable))
          return `${where} is not certain, and inside the lower bound`;
      }
    }
    for (const source of oracle.facts.interfaces.filter((other) => other !== item))
      for (const family of [4, 6] as const) {
        const set = engine.between(source.urn, item.urn, family, protocol, port);
        const answer = oracle.between(source, item, family, protocol, port);
        const where = `IPv${family} ${protocol} ${port} from ${source.urn} to ${item.urn}`;
        if (answer && endpoints.isEmpty(set.may)) return `${where} is possible, and outside the upper bound`;
        if (!answer && !endpoints.isEmpty(set.must)) return `${where} is not certain, and inside the lower bound`;
        const why = reasonsMissing(set);
        if (why !== null) return `${where}: ${why}`;
      }
  }
  return null;
}

/** Reports count the space of a network whose block is not known yet as private, so that the Internet's part is decided. */
function isOwnSpace(
  oracle: Oracle,
  item: Interface,
  peer: Peer,
  question: string,
  addressable: ReadonlySet<string>,
): boolean {
  const vpc = oracle.facts.vpc(item.vpc);
  return question !== "network" && !addressable.has(vpc.urn) && vpc.blocks.some((block) => holds(block, peer.address));
}

/** Bounds differ iff there are reasons. */
function reasonsMissing(set: Bounds<EndpointSet>): string | null {
  const differ = !endpoints.isEmpty(endpoints.subtract(set.may, set.must));
  if (!endpoints.isEmpty(endpoints.subtract(set.must, set.may))) return "the lower bound is no part of the upper one";
  return differ === set.why.length > 0 ? null : `bounds ${differ ? "differ without" : "are equal with"} a reason`;
}

function safely(check: () => string | null): string | null {
  try {
    return check();
  } catch {
    return null;
  }
}

test("unknown values: however they are filled in, packets stay within the bounds", () => {
  fc.assert(
    fc.property(fc.noShrink(fc.nat()), (seed) => {
      const dice = new Dice(seed);
      const { snapshots, fill } = blur(generateNetwork(dice), dice);
      for (let i = 0; i < 3; i++) {
        const filled = fill(dice);
        if (filled === null) continue;
        const pair = { blurred: snapshots, filled };
        const found = outside(pair, seed);
        if (found === null) continue;
        const kind = (text: string | null) => text?.replace(/^(\S+).*(upper|lower).*$/, "$1 $2");
        const small = minimizePair(
          pair,
          (next) => isWhole(next.filled) && kind(safely(() => outside(next, seed))) === kind(found),
        );
        expect.fail(`${outside(small, seed)}\nUNKNOWN\n${print(small.blurred)}\nFILLED\n${print(small.filled)}`);
      }
    }),
    { numRuns: runs },
  );
}, 3_600_000);
