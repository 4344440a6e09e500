import { expect, test } from "vitest";
import { type BootstrapSettings, bootstrap, type DeliverySettings, delivery } from "../../components/render";
import type { Carrier, HostMta } from "../../policies/analysis/mta";
import { evaluatePostfix } from "../../policies/analysis/mta/postfix/evaluate";
import { sourceLines } from "../../policies/analysis/mta/postfix/lines";
import { cidr } from "../../policies/analysis/net/cidr";
import { host, known, readable } from "../mta/support";
import { filesOf, whatever } from "./support";

type Known = Extract<HostMta, { kind: "known" }>;
const none = cidr();

/** What the checker makes of both texts. A delivery may fail, and then what was there before goes on. */
function read(before: BootstrapSettings, after: DeliverySettings): Known {
  const script: Carrier = {
    host,
    kind: "shell",
    at: { urn: "urn:pulumi:dev::test::aws:ssm/document:Document::mx", path: "content" },
    text: delivery(after),
  };
  return known(readable(bootstrap(before)), script);
}

/** What it makes of the files alone, without a script around them. */
function direct(after: DeliverySettings): Known {
  const files = filesOf(delivery(after));
  const lines = (path: string) => sourceLines(files.get(`/etc/postfix.new/${path}`) ?? "", host, path);
  const mainCf = lines("main.cf");
  const mta = evaluatePostfix({ host, mainCf, masterCf: lines("master.cf"), files: new Map(), compiled: new Set() });
  if (mta.kind !== "known") throw new Error(mta.kind);
  return mta;
}

/** Destinations, each once. */
function hops(mta: Known): string[] {
  const texts = mta.nextHops.map(({ destination, ports }) =>
    JSON.stringify([destination, ports], (_, it) => (typeof it === "bigint" ? `${it}` : it)),
  );
  return [...new Set(texts)].sort();
}

test("the files say it exactly: the Exchange servers relay and nobody else, on every port, whatever the settings are", () => {
  whatever(60, (_, after) => {
    const mta = direct(after);
    expect(mta.answers.map(({ port }) => port)).toEqual(after.ports ?? [25]);
    const servers = cidr(...after.exchangeServers);
    for (const answer of mta.answers) {
      expect(answer.relays).toEqual({ must: servers, may: servers, why: [] });
      expect(answer).toMatchObject({ loopbackOnly: false, practice: { weaknesses: [], trust: { used: false } } });
      expect(answer.claims ?? answer.outage).toBeUndefined();
    }
  });
});

test("the checker follows the script: before it the machine is closed, and after it there are these files and nothing else", () => {
  whatever(6, (before, after) => {
    const mta = read(before, after);
    expect(mta.unread).toBeUndefined();
    const servers = cidr(...after.exchangeServers);
    const [closed, ...open] = mta.answers;
    expect(closed).toMatchObject({ port: 25, loopbackOnly: true, relays: { must: none, may: none } });
    expect([...new Set(open.map(({ port }) => port))]).toEqual(after.ports ?? [25]);
    for (const port of after.ports ?? [25])
      expect(open.filter((it) => it.port === port).map(({ relays }) => relays.may)).toContainEqual(servers);
    for (const answer of open) {
      // Before the delivery a further port has no listener, which relays for nobody.
      expect([servers, none]).toContainEqual(answer.relays.may);
      if (answer.loopbackOnly) expect(answer.relays.may).toEqual(none);
      expect(answer.practice?.weaknesses ?? []).toEqual([]);
      expect(answer.claims ?? answer.outage).toBeUndefined();
    }
    expect(hops(mta)).toEqual(expect.arrayContaining(hops(direct(after))));
    expect(mta.unknownHops).toBeUndefined();
  });
}, 180_000);
