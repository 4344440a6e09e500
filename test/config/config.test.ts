import { describe, expect, it } from "vitest";
import { noAddresses } from "../../policies/analysis/net/addr";
import { cidr } from "../../policies/analysis/net/cidr";
import { parsePolicyConfig } from "../../policies/config";

const relay = { name: "open-relay-path", severity: "critical" } as const;
const hardening = { name: "mta-hardening", severity: "medium" } as const;
const egress = { name: "smtp-egress-through-gateway", severity: "high" } as const;
const ingress = { name: "smtp-security-group-ingress", severity: "high", enforcement: "advisory" } as const;
const known = [relay, hardening, egress, ingress];
const parse = (json: unknown) => parsePolicyConfig(json, known);

const waiver = {
  policy: "open-relay-path",
  urn: "*::front-end",
  reason: "migration",
  owner: "mail-team",
  expires: "2027-01-31",
};

describe("policy configuration", () => {
  it("has a default for everything", () => {
    const config = parse({});
    expect(config.undetermined).toBe("mandatory");
    expect(config.waivers).toEqual([]);
    expect(config.settings).toMatchObject({
      approvedSenders: null,
      trustedNetworks: noAddresses,
      inwardAllowed: noAddresses,
      egressPorts: [25],
    });
    expect(config.settings.roleOf("urn")).toBeUndefined();
    expect(config.settings.smtpDestinationsOf("urn")).toEqual(noAddresses);
  });

  it("enforces critical and high, and advises on the rest, unless the policy or its configuration says otherwise", () => {
    const defaults = parse({});
    expect(known.map((policy) => defaults.enforcementOf(policy))).toEqual([
      "mandatory",
      "advisory",
      "mandatory",
      "advisory",
    ]);
    expect(defaults.enforcementOf(egress, "medium")).toBe("advisory");
    const config = parse({
      all: "advisory",
      "mta-hardening": "mandatory",
      "smtp-egress-through-gateway": { enforcementLevel: "disabled" },
    });
    expect(known.map((policy) => config.enforcementOf(policy))).toEqual([
      "advisory",
      "mandatory",
      "disabled",
      "advisory",
    ]);
    expect(parse({ "mta-hardening": "mandatory" }).enforcementOf(hardening, "low")).toBe("mandatory");
  });

  it("reads the shared settings", () => {
    const { settings } = parse({
      perimeter: {
        roles: { "*::front-*": "front-end", "*": "internal-mail" },
        approvedSenders: ["10.0.1.10/32", "10.0.1.11"],
        trustedNetworks: ["192.0.2.0/24"],
        smtpDestinations: { "*::ex-1": ["198.51.100.0/24"], "*::ex-*": ["203.0.113.7"] },
        inwardAllowed: ["10.0.9.0/24"],
      },
      "smtp-egress-through-gateway": { ports: [25, 587], trustedNetworks: [] },
      "open-relay-path": { approvedSenders: [] },
      "mta-hardening": { approvedSenders: ["2001:db8::1"] },
    });
    expect(settings.roleOf("urn::front-1")).toBe("front-end");
    expect(settings.roleOf("urn::ex-1")).toBe("internal-mail");
    expect(settings.approvedSenders).toEqual(cidr("10.0.1.10/31"));
    expect(settings.approvedSendersFor("open-relay-path")).toBeNull();
    expect(settings.approvedSendersFor("mta-hardening")).toEqual(cidr("2001:db8::1"));
    expect(settings.approvedSendersFor("dmz-containment")).toEqual(settings.approvedSenders);
    expect(settings.trustedNetworksFor("smtp-egress-through-gateway")).toEqual(noAddresses);
    expect(settings.trustedNetworksFor("open-relay-path")).toEqual(cidr("192.0.2.0/24"));
    expect(settings.smtpDestinationsOf("urn::ex-1")).toEqual(cidr("198.51.100.0/24", "203.0.113.7"));
    expect(settings.smtpDestinationsOf("urn::ex-2")).toEqual(cidr("203.0.113.7"));
    expect(settings.inwardAllowed).toEqual(cidr("10.0.9.0/24"));
    expect(settings.egressPorts).toEqual([25, 587]);
  });

  it("reads waivers, for violations unless they say otherwise", () => {
    const { waivers } = parse({ perimeter: { waivers: [waiver, { ...waiver, outcome: "undetermined" }] } });
    expect(waivers.map((one) => one.outcome)).toEqual(["violation", "undetermined"]);
  });

  it("accepts what Pulumi accepts", () => {
    expect(parse({ environments: ["base"], all: { enforcementLevel: "mandatory" } }).environments).toEqual(["base"]);
    expect(() => parse({ all: "disabled" })).not.toThrow();
  });

  it.each<[unknown, string]>([
    [[], "expected an object with a section for each policy, got []"],
    [null, "expected an object with a section for each policy, got null"],
    [{ "open-rely-path": "mandatory" }, 'open-rely-path: unknown policy; did you mean "open-relay-path"?'],
    [
      { zzzzzz: "mandatory" },
      "zzzzzz: unknown policy; expected one of perimeter, open-relay-path, mta-hardening, smtp-egress-through-gateway, smtp-security-group-ingress, all",
    ],
    [{ perimeter: { aprovedSenders: [] } }, 'perimeter.aprovedSenders: unknown key; did you mean "approvedSenders"?'],
    [
      { perimeter: { roles: { "*": "frontend" } } },
      'perimeter.roles["*"]: expected "front-end" or "internal-mail", got "frontend"',
    ],
    [{ perimeter: { roles: { "": "front-end" } } }, 'perimeter.roles[""]: expected a URN or a glob'],
    [{ perimeter: { approvedSenders: "10.0.0.0/8" } }, 'perimeter.approvedSenders: expected a list, got "10.0.0.0/8"'],
    [
      { perimeter: { approvedSenders: ["10.0.0.0/8", "10.0.0.0/33"] } },
      'perimeter.approvedSenders[1]: expected an IPv4 or IPv6 address or CIDR block, got "10.0.0.0/33"',
    ],
    [
      { perimeter: { trustedNetworks: ["0.0.0.0/0"] } },
      'perimeter.trustedNetworks[0]: expected less than every address, got "0.0.0.0/0"',
    ],
    [
      { perimeter: { smtpDestinations: { "a b": ["mx.example.org"] } } },
      'perimeter.smtpDestinations["a b"][0]: expected an IPv4 or IPv6 address or CIDR block, got "mx.example.org"',
    ],
    [
      { perimeter: { undetermined: "disabled" } },
      'perimeter.undetermined: expected "mandatory" or "advisory", got "disabled"',
    ],
    [{ perimeter: null }, "perimeter: expected an object, got null"],
    [
      { "open-relay-path": "Mandatory" },
      'open-relay-path: expected "mandatory" or "advisory" or "disabled", got "Mandatory"',
    ],
    [
      { "open-relay-path": "remediate" },
      'open-relay-path: no policy of this pack can "remediate"; expected "mandatory", "advisory" or "disabled"',
    ],
    [
      { "open-relay-path": { ports: [25] } },
      "open-relay-path.ports: unknown key; expected one of enforcementLevel, approvedSenders, trustedNetworks",
    ],
    [
      { "smtp-egress-through-gateway": { ports: [0] } },
      "smtp-egress-through-gateway.ports[0]: expected a port from 1 to 65535, got 0",
    ],
    [
      { "smtp-egress-through-gateway": { ports: ["25"] } },
      'smtp-egress-through-gateway.ports[0]: expected a port from 1 to 65535, got "25"',
    ],
    [{ all: { approvedSenders: [] } }, "all.approvedSenders: unknown key; expected one of enforcementLevel"],
    [{ environments: "base" }, 'environments: expected a list of names, got "base"'],
    [
      { perimeter: "disabled" },
      'perimeter: "disabled", but open-relay-path depends on it; disable each policy instead',
    ],
    [
      { perimeter: { waivers: [{ ...waiver, expires: undefined }] } },
      "perimeter.waivers[0].expires: missing; expected a date such as 2027-01-31",
    ],
    [
      { perimeter: { waivers: [{ ...waiver, reason: undefined }] } },
      "perimeter.waivers[0].reason: missing; expected a reason",
    ],
    [{ perimeter: { waivers: [{ ...waiver, owner: " " }] } }, 'perimeter.waivers[0].owner: expected an owner, got ""'],
    [
      { perimeter: { waivers: [{ ...waiver, expires: "2027-02-29" }] } },
      'perimeter.waivers[0].expires: expected a date such as 2027-01-31, got "2027-02-29"',
    ],
    [
      { perimeter: { waivers: [{ ...waiver, expires: "31.01.2027" }] } },
      'perimeter.waivers[0].expires: expected a date such as 2027-01-31, got "31.01.2027"',
    ],
    [
      { perimeter: { waivers: [{ ...waiver, until: 1 }] } },
      "perimeter.waivers[0].until: unknown key; expected one of policy, urn, reason, owner, expires, outcome",
    ],
    [
      { perimeter: { waivers: [{ ...waiver, policy: "open-relay" }] } },
      'perimeter.waivers[0].policy: no policy "open-relay"; did you mean "open-relay-path"?',
    ],
  ])("refuses %j", (json, message) => {
    expect(() => parse(json)).toThrow(expect.objectContaining({ name: "ConfigError", message }));
  });
});
