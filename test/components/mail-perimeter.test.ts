import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aws } from "../../components";
import { checkArgs } from "../../components/args";
import { exchangeFields, planExchange } from "../../components/aws/parts/exchange-args";
import { firewallFields, planFirewall } from "../../components/aws/parts/firewall-args";
import { frontEndFields, planFrontEnd } from "../../components/aws/parts/front-end-args";
import { weight } from "../../components/aws/parts/group-rules";
import { tcp } from "../../components/parts/group-rules";
import { planSubnets } from "../../components/parts/network-plan";
import { addressAt, isOverlapping } from "../../components/schemas";
import { mailPerimeterArgs } from "./arbitraries";
import { ofType, type Registered, refusal, register, types } from "./harness";

const least: aws.MailPerimeterArgs = {
  domains: ["example.com"],
  hostnames: ["mx1.example.com"],
  exchangeServers: ["10.20.2.20"],
  probeSources: ["198.51.100.7"],
};

const create = (changes: Partial<aws.MailPerimeterArgs> = {}) =>
  register(() => void new aws.MailPerimeter("mail", { ...least, ...changes }));

const ruleTypes: string[] = [types.ingress, types.egress, types.aclRule, types.firewallRules];

/** What stays when a perimeter goes live: all but rules and the MX records. */
const rest = (resources: Registered[]) =>
  resources
    .filter(({ type, inputs }) => !type.startsWith("relayproof:") && !ruleTypes.includes(type) && inputs.type !== "MX")
    // What is waited for has rules among it.
    .map(({ after: _, ...resource }) => resource);

test("the least arguments make a whole perimeter", async () => {
  const components = (await create()).filter(({ type }) => type.startsWith("relayproof:"));
  expect(components.map(({ type, name, parent }) => [type, name, parent])).toEqual([
    ["relayproof:aws:MailPerimeter", "mail", null],
    ["relayproof:aws:ExchangeSecurityGroups", "mail-exchange", "mail"],
    ["relayproof:aws:PerimeterFirewall", "mail-firewall", "mail"],
    ["relayproof:aws:FrontEndMailServer", "mail-front-end-1", "mail"],
    ["relayproof:aws:PerimeterNetwork", "mail-network", "mail"],
  ]);
});

test("components record what they are told, so that policies see what is declared", async () => {
  const byName = new Map((await create({ approvedSenders: ["10.20.16.25"] })).map((it) => [it.name, it.inputs]));
  expect(byName.get("mail-front-end-1")).toMatchObject({
    exchangeServers: ["10.20.2.20"],
    ports: [25],
    exposure: "staged",
  });
  expect(byName.get("mail-exchange")).toMatchObject({ approvedSenders: ["10.20.16.25"], frontEnds: ["10.20.0.10"] });
});

test("several front ends are spread over the zones, each at an address of its own", async () => {
  const hostnames = ["mx1.example.com", "mx2.example.com", "mx3.example.com"];
  const cards = ofType(await create({ hostnames }), types.card).map(({ inputs }) => [
    inputs.subnetId,
    inputs.privateIps,
  ]);
  expect(cards).toEqual([
    ["mail-network-dmz-1-id", ["10.20.0.10"]],
    ["mail-network-dmz-2-id", ["10.20.1.10"]],
    ["mail-network-dmz-1-id", ["10.20.0.11"]],
  ]);
});

test("going live changes rules only: no VM, address, group or network changes", async () => {
  const hostnames = ["mx1.example.com", "mx2.example.com"];
  expect(rest(await create({ hostnames, exposure: aws.Exposure.Live }))).toEqual(rest(await create({ hostnames })));
});

test("an existing network keeps its ACLs unless told otherwise", async () => {
  const network: aws.PerimeterNetworkArgs = {
    existing: {
      vpcId: "vpc-7",
      cidrs: ["10.20.0.0/16"],
      subnets: [
        { id: "subnet-1", cidr: "10.20.0.0/24", tier: aws.Tier.Dmz },
        { id: "subnet-2", cidr: "10.20.2.0/24", tier: aws.Tier.Internal },
      ],
    },
  };
  expect(ofType(await create({ network }), "aws:ec2/networkAcl:NetworkAcl")).toEqual([]);
  expect(ofType(await create({ network, enableFirewall: true }), "aws:ec2/networkAcl:NetworkAcl")).toHaveLength(2);
});

test("one argument puts AWS Network Firewall before the DMZ, with a place of its own in the network", async () => {
  const hostnames = ["mx1.example.com", "mx2.example.com"];
  const resources = await create({ hostnames, networkFirewall: true });
  expect(ofType(resources, types.firewall).map(({ name, inputs }) => [name, inputs.subnetMappings])).toEqual([
    [
      "mail-firewall-inspection",
      [{ subnetId: "mail-network-firewall-1-id" }, { subnetId: "mail-network-firewall-2-id" }],
    ],
  ]);
  const routes = ofType(resources, types.route).map(({ inputs }) => {
    const target = inputs.gatewayId ?? inputs.vpcEndpointId;
    return `${inputs.routeTableId} ${inputs.destinationCidrBlock} ${target}`;
  });
  expect(routes).toEqual([
    "mail-network-dmz-1-inspected-id 0.0.0.0/0 vpce-in-mail-network-firewall-1-id",
    "mail-network-dmz-2-inspected-id 0.0.0.0/0 vpce-in-mail-network-firewall-2-id",
    "mail-network-gateway-routes-id 10.20.0.0/24 vpce-in-mail-network-firewall-1-id",
    "mail-network-gateway-routes-id 10.20.1.0/24 vpce-in-mail-network-firewall-2-id",
    "mail-network-firewall-routes-id 0.0.0.0/0 mail-network-internet-gateway-id",
  ]);
  const [inbound] = ofType(resources, types.firewallRules);
  expect(JSON.stringify(inbound?.inputs.ruleGroup)).toContain('"10.20.0.10/32","10.20.1.10/32"');
  expect(rest(await create({ hostnames, networkFirewall: false }))).toEqual(rest(await create({ hostnames })));
});

test("a first preview, in which no id is known, goes through", async () => {
  const resources = await register(() => void new aws.MailPerimeter("mail", least), { preview: true });
  expect(ofType(resources, types.instance)).toHaveLength(1);
});

describe("refuses in one line", () => {
  test.each<[object, string]>([
    [{ hostnames: [] }, 'MailPerimeter "mail": hostnames: []: expected at least one name'],
    [{ hostnames: ["mail"] }, 'MailPerimeter "mail": hostnames[0]: "mail": expected a fully qualified domain name'],
    [{ frontEndAddresses: ["10.20.0.10", "10.20.0.11"] }, "expected one address for each of 1 hostnames"],
    [
      { frontEndAddresses: ["10.20.1.10"] },
      'FrontEndMailServer "mail-front-end-1": privateAddress: "10.20.1.10": expected',
    ],
    [{ probeSources: [] }, "probeSources: []: expected at least one block while exposure"],
    [
      { exchangeServer: "10.20.2.20" },
      'MailPerimeter "mail": exchangeServer: "10.20.2.20": expected one of the arguments',
    ],
    [{ approvedSenders: ["0.0.0.0/0"] }, 'approvedSenders[0]: "0.0.0.0/0": expected a single host'],
    [
      { network: { cidr: "10.20.0.0/16", subnets: [] } },
      'PerimeterNetwork "mail-network": subnets: []: expected one of the arguments',
    ],
    [{ servers: { instanceSize: "large" } }, 'instanceSize: "large": expected one of the arguments'],
    [{ networkFirewall: "yes" }, 'networkFirewall: "yes": expected true, false or { logs }'],
    [{ networkFirewall: true, enableFirewall: false }, "enableFirewall: false: expected true beside networkFirewall"],
    [
      { networkFirewall: true, network: { existing: { vpcId: "vpc-1", cidrs: ["10.20.0.0/16"], subnets: [] } } },
      'MailPerimeter "mail": networkFirewall: true: expected none beside network.existing: the routes of an existing VPC',
    ],
    [
      { network: { inspection: true } },
      'MailPerimeter "mail": network.inspection: true: expected false without networkFirewall',
    ],
    [
      { networkFirewall: true, network: { cidr: "10.20.0.0/26" } },
      'PerimeterNetwork "mail-network": cidr: "10.20.0.0/26": expected a block with room for 2 more subnets',
    ],
    [{ tags: "mail" }, 'tags: "mail": expected a map'],
  ])("%j", async (changes, message) => {
    const args = { ...least, ...changes } as aws.MailPerimeterArgs;
    const refused = await refusal(() => new aws.MailPerimeter("mail", args));
    expect(refused).toContain(message);
    expect(refused).not.toContain("\n");
  });
});

describe("whatever the arguments", () => {
  test("a perimeter is built; its children belong to a component and are named after it; going live changes rules and MX records only", async () => {
    await fc.assert(
      fc.asyncProperty(mailPerimeterArgs, async (args) => {
        const staged = await create({ ...args, exposure: aws.Exposure.Staged });
        for (const { type, name, parent } of staged) {
          if (type !== "relayproof:aws:MailPerimeter") expect(name.startsWith(`${parent}-`)).toBe(true);
        }
        expect(rest(await create({ ...args, exposure: aws.Exposure.Live }))).toEqual(rest(staged));
      }),
      { numRuns: 3 },
    );
  });

  test("groups keep to AWS's quota and alphabet, and no two rules have one name", () => {
    fc.assert(
      fc.property(mailPerimeterArgs, (args) => {
        const parts = partsOf(args);
        const front = planFrontEnd("test", checkArgs("test", frontEndFields, parts.frontEnd));
        const exchange = planExchange("test", checkArgs("test", exchangeFields, parts.exchange));
        for (const rules of [front.groups.flatMap(({ rules }) => rules), [...exchange.servers, ...exchange.clients]]) {
          expect(new Set(rules.map(({ key }) => key)).size).toBe(rules.length);
          for (const { reason } of rules) expect(reason).toMatch(/^[a-zA-Z0-9 ._\-:/()#,@[\]+=;{}!$*]{1,255}$/);
        }
        for (const rules of [...front.groups.map((group) => group.rules), exchange.servers, exchange.clients]) {
          for (const direction of ["in", "out"]) {
            const counts = rules.filter((rule) => rule.direction === direction).map(weight);
            expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(60);
          }
        }
      }),
    );
  });

  test("a front end opens nothing inside but SMTP on the Exchange servers", () => {
    fc.assert(
      fc.property(mailPerimeterArgs, (args) => {
        const { frontEnd } = partsOf(args);
        const { groups } = planFrontEnd("test", checkArgs("test", frontEndFields, frontEnd));
        const inside = [...frontEnd.networkCidrs, ...(frontEnd.connectedCidrs ?? [])];
        const out = groups.flatMap(({ rules }) => rules).filter(({ direction }) => direction === "out");
        const inward = out.flatMap((rule) => {
          const blocks =
            typeof rule.peer === "object" && "blocks" in rule.peer ? rule.peer.blocks : [String(rule.peer)];
          return blocks
            .filter((block) => inside.some((other) => isOverlapping(block, other)))
            .map((block) => [block, rule.range]);
        });
        expect(inward).toEqual(args.exchangeServers.map((server) => [`${server}/32`, tcp(25)]));
      }),
    );
  });

  test("ACL rules have numbers of their own in AWS's range, within the quota", () => {
    fc.assert(
      fc.property(mailPerimeterArgs, (args) => {
        const plan = planFirewall("test", checkArgs("test", firewallFields, partsOf(args).firewall));
        for (const rules of [plan.dmz, plan.internal]) {
          for (const egress of [false, true]) {
            const numbers = rules.filter((rule) => rule.egress === egress).map(({ number }) => number);
            expect(new Set(numbers).size).toBe(numbers.length);
            expect(numbers.length).toBeLessThanOrEqual(40);
            expect(numbers.every((number) => number >= 1 && number <= 32766)).toBe(true);
          }
        }
      }),
    );
  });
});

/** What a perimeter tells its parts, without building it. */
function partsOf(args: aws.MailPerimeterArgs) {
  const { cidr = "10.20.0.0/16", zones = [], existing, connectedCidrs } = args.network ?? {};
  const plan = planSubnets(cidr, zones.length);
  const ofTier = (tier: aws.Tier, blocks: string[] | undefined) =>
    existing?.subnets.filter((it) => it.tier === tier).map(({ id, cidr }) => ({ id, cidr })) ??
    (blocks ?? []).map((block) => ({ id: block, cidr: block }));
  const dmz = ofTier(aws.Tier.Dmz, plan?.dmz);
  const [subnet = { id: "none", cidr: "none" }] = dmz;
  const common = { vpcId: "vpc-1", networkCidrs: existing?.cidrs ?? [cidr], connectedCidrs };
  const {
    domains,
    exchangeServers,
    exposure,
    probeSources,
    ports,
    approvedSenders,
    clientAccess,
    exchangeEgress,
    postfix,
  } = args;
  const mail = { exposure, probeSources, ports };
  const flows = { approvedSenders, clientAccess, egress: exchangeEgress };
  return {
    frontEnd: { ...common, ...mail, subnet, hostname: "mx1.example.com", domains, exchangeServers, postfix },
    exchange: { ...common, ...flows, frontEnds: [addressAt(subnet.cidr, 10)] },
    firewall: {
      ...common,
      ...mail,
      ...flows,
      dmzSubnets: dmz,
      internalSubnets: ofTier(aws.Tier.Internal, plan?.internal),
      ruleQuota: 40,
    },
  };
}
