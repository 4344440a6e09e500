import fc from "fast-check";
import { expect, test } from "vitest";
import { cloudInit, type GatewaySettings } from "../../components/render";
import { cidr, toCidrs } from "../../policies/analysis/net/cidr";
import { known, readable } from "./support";

const settings: GatewaySettings = {
  hostname: "mx1.example.com",
  domains: ["example.com", "example.net"],
  exchangeServers: ["10.0.2.20", "10.0.2.21"],
};

test("the rendered gateway relays for the Exchange servers and nobody else, on every port", () => {
  for (const it of [settings, { ...settings, ports: [25, 2525], postfix: { recipients: ["info@example.com"] } }]) {
    const mta = known(readable(cloudInit(it)));
    expect(mta.answers.map((answer) => answer.port)).toEqual(it === settings ? [25] : [25, 2525]);
    for (const answer of mta.answers) {
      expect(toCidrs(answer.relays.must)).toEqual(["10.0.2.20/31"]);
      expect(answer.relays.may).toEqual(answer.relays.must);
      expect(answer.relays.why).toEqual([]);
      expect(answer.claims).toBeUndefined();
      expect(answer.loopbackOnly).toBe(false);
    }
  }
});

test("its next hops are the Exchange servers and the mail exchangers of others", () => {
  const mta = known(readable(cloudInit(settings)));
  expect(mta.unknownHops).toBeUndefined();
  expect(
    mta.nextHops.map((hop) =>
      hop.destination.kind === "address" ? toCidrs(hop.destination.addr).join() : hop.destination.kind,
    ),
  ).toEqual(["mx", "10.0.2.20/32", "10.0.2.21/32"]);
});

test("whatever servers and domains it is given, it relays for exactly these servers", () => {
  const octet = fc.integer({ min: 1, max: 254 });
  const server = fc.tuple(octet, octet, octet).map(([b, c, d]) => `10.${b}.${c}.${d}`);
  const domain = fc.stringMatching(/^[a-z]{1,10}\.(?:com|co\.uk|example)$/);
  fc.assert(
    fc.property(
      fc.uniqueArray(server, { minLength: 1, maxLength: 5 }),
      fc.uniqueArray(domain, { minLength: 1, maxLength: 5 }),
      (exchangeServers, domains) => {
        const mta = known(readable(cloudInit({ hostname: "mx1.example.com", exchangeServers, domains })));
        expect(mta.answers.map((it) => it.relays)).toEqual([
          { must: cidr(...exchangeServers), may: cidr(...exchangeServers), why: [] },
        ]);
      },
    ),
    { numRuns: 50 },
  );
});
