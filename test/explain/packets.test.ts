import fc from "fast-check";
import { expect, test } from "vitest";
import { type EndpointSet, endpoints, noEndpoints } from "../../policies/analysis/model/endpoints";
import { endpointId, type Path, type Protocol } from "../../policies/analysis/model/network";
import { allAddresses, noAddresses } from "../../policies/analysis/net/addr";
import { exactly, union } from "../../policies/analysis/net/bounds";
import { parseCidr } from "../../policies/analysis/net/cidr";
import { explainConnection } from "../../policies/analysis/reach/connection";
import { Reach } from "../../policies/analysis/reach/reach";
import { show } from "../oracle/address";
import { Oracle } from "../oracle/aws";
import { Engine, isAbroad, type Peer, peersOf } from "../reach/compare";
import { Dice } from "../reach/dice";
import { generateNetwork } from "../reach/generate";
import { closed, opened, withoutRules } from "./apply";

const runs = Number(process.env.RELAYPROOF_RUNS ?? 40);
const everything: EndpointSet = { addr: allAddresses, ifaces: noEndpoints.ifaces };

test("what is explained is what packets do, and every proposed change does what it is for", () => {
  const seen = { opened: 0, closed: 0, packets: 0, without: 0 };
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const dice = new Dice(seed);
      const snapshots = generateNetwork(new Dice(seed));
      const protocol: Protocol = dice.pick(["tcp", "tcp", "udp"]);
      const port = dice.pick([25, 25, 443, 65535]);
      const oracle = new Oracle(snapshots);
      const engine = new Engine(snapshots);
      const peers = peersOf(oracle, snapshots, dice).slice(0, 12);
      for (const item of oracle.facts.interfaces) {
        const all = engine.classesOf(item.urn).flatMap((one) => engine.network.inbound(one));
        for (const kind of ["internet", "network"] as const) {
          const paths = all.filter(({ zone }) => zone.kind === kind);
          for (const peer of peers) {
            if (kind === "internet" && isAbroad(peer, item)) continue;
            const truth = (from: Oracle, target = item) =>
              kind === "internet"
                ? from.fromInternet(peer.address, target, protocol, port)
                : from.fromNetwork(peer.address, target, protocol, port);
            const set = endpointOf(engine, peer);
            const name = `${kind} ${protocol} ${port} of ${item.urn} from ${show(peer.address)}`;
            for (const part of explainConnection(engine.reach, paths, set, protocol, port)) {
              // An address may be a member's, and is then judged as one.
              if (!endpoints.isEmpty(endpoints.subtract(set, part.who)) && part.answer !== "passes") continue;
              expect(part.answer, name).toBe(truth(oracle) ? "passes" : "stops");
              seen.packets++;
              const again = (changed: readonly Path[]) => reach(engine, changed, protocol, port);
              for (const changes of part.open) {
                expect(holds(again(opened(paths, changes, part.who)).must, part.who), `${name} opens`).toBe(true);
                for (const left of changes) {
                  const fewer = changes.filter((change) => change !== left);
                  expect(holds(again(opened(paths, fewer, part.who)).must, part.who), `${name} is minimal`).toBe(false);
                }
                seen.opened++;
              }
              for (const changes of part.close) {
                const still = endpoints.intersect(again(closed(paths, changes, part.who)).may, part.who);
                expect(endpoints.isEmpty(still), `${name} closes`).toBe(true);
                seen.closed++;
                const less = withoutRules(snapshots, changes);
                if (less === null) continue;
                const evaluator = new Oracle(less);
                const same = evaluator.facts.interfaces.find(({ urn }) => urn === item.urn);
                expect(same !== undefined && truth(evaluator, same), `${name} closes without the rules`).toBe(false);
                seen.without++;
              }
              if (part.answer === "passes") expect(part.close.length, `${name} can be closed`).toBeGreaterThan(0);
            }
          }
        }
      }
    }),
    { numRuns: runs },
  );
  expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(20);
}, 600_000);

/** A peer as the set engine knows it: an interface of the stack has one representation. */
function endpointOf(engine: Engine, { address, owner }: Peer): EndpointSet {
  const addr = parseCidr(show(address)) ?? noAddresses;
  if (owner === null) return { addr, ifaces: noEndpoints.ifaces };
  const ids = engine.classesOf(owner.urn).map((item) => endpointId(item.id, address.family));
  return endpoints.intersect({ addr, ifaces: new Set(ids) }, { ...everything, ifaces: new Set(ids) });
}

function reach(engine: Engine, paths: readonly Path[], protocol: Protocol, port: number) {
  // A filter that was changed must not be remembered as it was.
  const fresh = new Reach(engine.network);
  return paths
    .map((path) => fresh.endpoints(path, protocol, port))
    .reduce((a, b) => union(endpoints, a, b), exactly(noEndpoints));
}

function holds(set: EndpointSet, who: EndpointSet): boolean {
  return endpoints.isEmpty(endpoints.subtract(who, set));
}
