import { describe, expect, test } from "vitest";
import { Unknown } from "../../policies/analysis/model/snapshot";
import { ask, everybody4, exact, maybe4, nobody, uncertain } from "./ask";
import { ANY, edge, type Input, type Inputs, type Resource } from "./stack";

const NFW = {
  group: "aws:networkfirewall/ruleGroup:RuleGroup",
  policy: "aws:networkfirewall/firewallPolicy:FirewallPolicy",
  firewall: "aws:networkfirewall/firewall:Firewall",
};
const HOST = { subnet: { cidrBlock: "10.0.1.0/24" } };

interface Around {
  readonly stateful?: readonly Inputs[];
  readonly stateless?: readonly Inputs[];
  readonly policy?: Inputs;
  readonly edgeTable?: boolean;
  readonly replyThrough?: boolean;
  /** Group references beside the groups made here. */
  readonly references?: readonly Input[];
}

/** E behind a firewall: by the table of the Internet gateway on the way in, and its own table on the way out. */
function behind(change: Around) {
  let firewall: Resource | undefined;
  const base = edge({
    ...HOST,
    routes: (igw, stack) => {
      const make = (type: string) => (group: Inputs, i: number) => {
        const made = stack.addType(NFW.group, { type, capacity: 100, ...group });
        return { resourceArn: made, priority: i + 1 } as Input;
      };
      const policy = stack.addType(NFW.policy, {
        firewallPolicy: {
          statelessDefaultActions: ["aws:forward_to_sfe"],
          statelessFragmentDefaultActions: ["aws:forward_to_sfe"],
          statefulRuleGroupReferences: [...(change.stateful ?? []).map(make("STATEFUL")), ...(change.references ?? [])],
          statelessRuleGroupReferences: (change.stateless ?? []).map(make("STATELESS")),
          ...(change.policy as { [key: string]: Input } | undefined),
        },
      });
      const subnet = stack.add("subnet", { vpcId: vpcOf(stack), cidrBlock: "10.0.9.0/24" }, { name: "inspection" });
      firewall = stack.addType(NFW.firewall, {
        vpcId: vpcOf(stack),
        firewallPolicyArn: policy,
        subnetMappings: [{ subnetId: subnet }],
      });
      const out = stack.add("table", { vpcId: vpcOf(stack), routes: [{ cidrBlock: ANY, gatewayId: igw }] });
      stack.add("association", { subnetId: subnet, routeTableId: out });
      if (change.edgeTable !== false) {
        const table = stack.add("table", {
          vpcId: vpcOf(stack),
          routes: [{ cidrBlock: "10.0.1.0/24", vpcEndpointId: firewall }],
        });
        stack.add("association", { gatewayId: igw, routeTableId: table });
      }
      return change.replyThrough === false
        ? [{ cidrBlock: ANY, gatewayId: igw }]
        : [{ cidrBlock: ANY, vpcEndpointId: firewall }];
    },
  });
  return { ...base, firewall: firewall as Resource };
}

function vpcOf(stack: { snapshots: readonly { urn: string; type: string }[] }): Unknown {
  return new Unknown(stack.snapshots.filter((item) => item.type.endsWith(":Vpc")).map((item) => item.urn));
}

const rules = (...lines: string[]): Inputs => ({ ruleGroup: { rulesSource: { rulesString: lines.join("\n") } } });
const strict = (...defaults: string[]): Inputs => ({
  statefulEngineOptions: { ruleOrder: "STRICT_ORDER" },
  statefulDefaultActions: defaults,
});
const internet = (change: Around) => {
  const { stack, host } = behind(change);
  return ask(stack).internet(host);
};
const DROP = "drop tcp any any -> any 25 (sid:1;)";
const PASS = "pass tcp 203.0.113.0/24 any -> any 25 (sid:2;)";

describe("in the path only where both directions lead through it", () => {
  test("case 21: the default order passes before it drops, whatever the listing", () => {
    expect(internet({ stateful: [rules(DROP, PASS)] })).toEqual(exact("203.0.113.0/24"));
    expect(internet({ stateful: [rules(PASS, DROP)] })).toEqual(exact("203.0.113.0/24"));
    expect(internet({ stateful: [rules(PASS)] })).toEqual(everybody4);
  });

  test("case 22: strict order follows the text", () => {
    const listed = rules("drop tcp any any -> $HOME_NET 25 (sid:1;)", "pass tcp any any -> any 25 (sid:2;)");
    expect(internet({ stateful: [listed], policy: strict() })).toEqual(nobody);
    expect(internet({ stateful: [listed], policy: strict(), edgeTable: false })).toEqual(maybe4);
    expect(internet({ stateful: [listed], policy: strict(), replyThrough: false })).toEqual(maybe4);
  });

  test("a Gateway Load Balancer endpoint passes everything", () => {
    const { stack, host, igw } = edge({
      routes: (gateway, made) => {
        const subnet = made.add("subnet", { vpcId: vpcOf(made), cidrBlock: "10.0.9.0/24" });
        const endpoint = made.addType("aws:ec2/vpcEndpoint:VpcEndpoint", {
          vpcEndpointType: "GatewayLoadBalancer",
          subnetIds: [subnet],
        });
        const out = made.add("table", { vpcId: vpcOf(made), routes: [{ cidrBlock: ANY, gatewayId: gateway }] });
        made.add("association", { subnetId: subnet, routeTableId: out });
        const table = made.add("table", {
          vpcId: vpcOf(made),
          routes: [{ cidrBlock: "10.0.1.0/24", vpcEndpointId: endpoint }],
        });
        made.add("association", { gatewayId: gateway, routeTableId: table });
        return [{ cidrBlock: ANY, vpcEndpointId: endpoint }];
      },
    });
    expect(igw.name).toBe("igw");
    expect(ask(stack).internet(host)).toEqual(everybody4);
  });

  test("an edge table with only the local route changes nothing; an appliance is a doubt", () => {
    const plain = edge();
    const table = plain.stack.add("table", { vpcId: plain.vpc, routes: [] });
    plain.stack.add("association", { gatewayId: plain.igw, routeTableId: table });
    expect(ask(plain.stack).internet(plain.host)).toEqual(everybody4);
    const other = edge();
    const eni = other.stack.add("eni", { subnetId: other.subnet });
    const led = other.stack.add("table", {
      vpcId: other.vpc,
      routes: [{ cidrBlock: "10.0.1.0/24", networkInterfaceId: eni }],
    });
    other.stack.add("association", { gatewayId: other.igw, routeTableId: led });
    expect(ask(other.stack).internet(other.host)).toEqual(maybe4);
  });

  test("the subnet of the firewall must lead to the Internet", () => {
    const { stack, host } = behind({ stateful: [rules(PASS)] });
    const cut = stack.snapshots.map((item) =>
      item.type.endsWith(":RouteTable") &&
      JSON.stringify(item.properties.routes).includes("igw") &&
      item.name !== "table"
        ? { ...item, properties: { ...item.properties, routes: [] } }
        : item,
    );
    expect(ask(cut).internet(host)).toEqual(nobody);
  });

  test("outbound connections meet the rules too", () => {
    const change = { stateful: [rules("drop tcp $HOME_NET any -> any 25 (sid:1;)")] };
    const { stack, host } = behind(change);
    expect(ask(stack).egress(host)).toEqual(nobody);
    expect(ask(stack).egress(host, 443)).toEqual(everybody4);
  });

  test("between subnets where both tables have a more specific route", () => {
    const { stack, vpc, host, table, group, firewall } = behind({ stateful: [rules(DROP)] });
    const other = stack.add("subnet", { vpcId: vpc, cidrBlock: "10.0.2.0/24" });
    const inner = stack.add("instance", { subnetId: other, vpcSecurityGroupIds: [group] }, { name: "F" });
    expect(ask(stack).opens(inner, host)).toBe("yes");
    stack.add("route", { routeTableId: table, destinationCidrBlock: "10.0.2.0/24", vpcEndpointId: firewall });
    expect(ask(stack).opens(inner, host)).toBe("maybe");
    const back = stack.add("table", {
      vpcId: vpc,
      routes: [{ cidrBlock: "10.0.1.0/24", vpcEndpointId: firewall }],
    });
    stack.add("association", { subnetId: other, routeTableId: back });
    expect(ask(stack).opens(inner, host)).toBe("no");
    expect(ask(stack).opens(host, inner)).toBe("no");
  });
});

describe("the table of the engine", () => {
  const stateless = (...list: Inputs[]): Inputs => ({
    ruleGroup: {
      rulesSource: {
        statelessRulesAndCustomActions: {
          statelessRules: list.map(({ priority, actions, ...matchAttributes }) => ({
            priority: priority as Input,
            ruleDefinition: { actions: actions as Input, matchAttributes: matchAttributes as Input },
          })) as Input,
        },
      },
    },
  });
  const from = (block: string): Inputs => ({ sources: [{ addressDefinition: block }] });
  const to25: Inputs = { protocols: [6], destinationPorts: [{ fromPort: 25, toPort: 25 }] };

  test.each<[string, Around, object]>([
    ["1: a stateless drop", { stateless: [stateless({ priority: 1, actions: ["aws:drop"], ...to25 })] }, nobody],
    [
      "1: a stateless pass skips the stateful rules; the first by priority wins",
      {
        stateless: [
          stateless(
            { priority: 2, actions: ["aws:drop"], ...to25, ...from("203.0.113.0/24") },
            { priority: 1, actions: ["aws:pass"], ...to25, ...from("203.0.113.0/25") },
          ),
        ],
        stateful: [rules(DROP)],
      },
      exact("203.0.113.0/25"),
    ],
    [
      "1: a forward shields later stateless rules",
      {
        stateless: [
          stateless(
            { priority: 1, actions: ["aws:forward_to_sfe"], ...from("203.0.113.0/24") },
            { priority: 2, actions: ["aws:drop"] },
            { priority: 3, actions: ["aws:pass"] },
          ),
        ],
      },
      // The reply has another source, so the drop meets it.
      nobody,
    ],
    ["1: the default drops", { policy: { statelessDefaultActions: ["aws:drop"] } }, nobody],
    [
      "1: the reply is judged again",
      {
        stateless: [
          stateless({
            priority: 1,
            actions: ["aws:drop"],
            protocols: [6],
            sourcePorts: [{ fromPort: 25, toPort: 25 }],
          }),
        ],
      },
      nobody,
    ],
    [
      "2: flags of the packet that opens a connection",
      {
        stateless: [
          stateless({
            priority: 1,
            actions: ["aws:drop"],
            protocols: [6],
            tcpFlags: [{ flags: ["SYN"], masks: ["SYN", "ACK"] }],
          }),
        ],
      },
      nobody,
    ],
    [
      "2: UDP is not TCP",
      { stateless: [stateless({ priority: 1, actions: ["aws:drop"], protocols: [17] })] },
      everybody4,
    ],
    ["3: nothing matches, passes", { stateful: [rules("drop tcp any any -> any 26 (sid:1;)")] }, everybody4],
    ["4: strict without a default passes", { stateful: [rules(PASS)], policy: strict() }, everybody4],
    ["4: drop_strict", { stateful: [rules(PASS)], policy: strict("aws:drop_strict") }, exact("203.0.113.0/24")],
    [
      "5: drop_established",
      { stateful: [rules(PASS)], policy: strict("aws:drop_established") },
      exact("203.0.113.0/24"),
    ],
    ["5: app layer", { stateful: [rules(PASS)], policy: strict("aws:drop_established_app_layer") }, everybody4],
    [
      "5: a pass for established connections under drop_established",
      {
        stateful: [rules("pass tcp 203.0.113.0/24 any -> any 25 (flow:established,to_server; sid:1;)")],
        policy: strict("aws:drop_established"),
      },
      exact("203.0.113.0/24"),
    ],
    [
      "5: drop_strict needs the handshake to be passed as well",
      {
        stateful: [rules("pass tcp 203.0.113.0/24 any -> any 25 (flow:established; sid:1;)")],
        policy: strict("aws:drop_strict"),
      },
      nobody,
    ],
    [
      "6: rules in fields, variables",
      {
        stateful: [
          {
            ruleGroup: {
              ruleVariables: {
                ipSets: [{ key: "BAD", ipSet: { definitions: ["128.0.0.0/1"] } }],
                portSets: [{ key: "MAIL", portSet: { definitions: ["25", "587"] } }],
              },
              rulesSource: {
                statefulRules: [
                  {
                    action: "DROP",
                    header: {
                      protocol: "TCP",
                      source: "$BAD",
                      sourcePort: "ANY",
                      direction: "FORWARD",
                      destination: "$HOME_NET",
                      destinationPort: "$MAIL",
                    },
                    ruleOptions: [{ keyword: "sid", settings: ["1"] }],
                  },
                ],
              },
            },
          },
        ],
      },
      exact("0.0.0.0/1"),
    ],
    [
      "7: a domain allow list drops no mail",
      {
        stateful: [
          {
            ruleGroup: {
              rulesSource: {
                rulesSourceList: {
                  generatedRulesType: "ALLOWLIST",
                  targetTypes: ["TLS_SNI"],
                  targets: [".example.com"],
                },
              },
            },
          },
        ],
      },
      everybody4,
    ],
    [
      "8: a drop with another keyword",
      { stateful: [rules('drop tcp any any -> any 25 (content:"x"; sid:1;)')] },
      everybody4,
    ],
    [
      "8: a pass with another keyword may match",
      { stateful: [rules('pass tcp 203.0.113.0/24 any -> any 25 (content:"x"; sid:1;)', DROP)] },
      uncertain("203.0.113.0/24"),
    ],
    [
      "8: smtp is recognised after the handshake",
      { stateful: [rules("drop smtp any any -> any any (sid:1;)")] },
      everybody4,
    ],
    [
      "8: alert continues",
      { stateful: [rules("alert tcp any any -> any 25 (sid:3;)", DROP)], policy: strict() },
      nobody,
    ],
    [
      "9: a foreign group: no drops, passes may",
      {
        references: [
          { resourceArn: "arn:aws:network-firewall:eu-west-1:aws-managed:stateful-rulegroup/X", priority: 9 },
        ],
      },
      everybody4,
    ],
    [
      "9: a foreign group before a drop",
      {
        references: [
          { resourceArn: "arn:aws:network-firewall:eu-west-1:aws-managed:stateful-rulegroup/X", priority: 0 },
        ],
        stateful: [rules(DROP)],
        policy: strict(),
      },
      maybe4,
    ],
  ])("%s", (_, change, expected) => {
    expect(internet(change)).toEqual(expected);
  });
});

describe("an unknown leaf is undetermined, never closed", () => {
  const unknown = new Unknown();
  test.each<[string, Around]>([
    ["rules", { stateful: [{ ruleGroup: { rulesSource: { rulesString: unknown } } }] }],
    ["the group", { stateful: [{ ruleGroup: unknown }] }],
    ["the default action", { policy: { statelessDefaultActions: unknown } }],
    [
      "the order",
      { stateful: [rules(DROP, "pass tcp any any -> any 25 (sid:9;)")], policy: { statefulEngineOptions: unknown } },
    ],
    ["stateful defaults", { policy: { ...strict(), statefulDefaultActions: unknown } }],
    ["a stateless group", { stateless: [{ ruleGroup: { rulesSource: unknown } }] }],
    [
      "stateless rules",
      { stateless: [{ ruleGroup: { rulesSource: { statelessRulesAndCustomActions: { statelessRules: unknown } } } }] },
    ],
    [
      "a variable",
      {
        stateful: [
          {
            ruleGroup: {
              ruleVariables: { ipSets: [{ key: "BAD", ipSet: { definitions: [unknown] } }] },
              rulesSource: { rulesString: "drop tcp $BAD any -> any 25 (sid:1;)" },
            },
          },
        ],
      },
    ],
    ["ports", { stateful: [rules("drop tcp any any -> any $UNDEFINED (sid:1;)")] }],
    ["references", { policy: { statefulRuleGroupReferences: unknown, ...strict("aws:drop_strict") } }],
    ["stateless references", { policy: { statelessRuleGroupReferences: unknown } }],
    ["a list of groups", { policy: { statelessRuleGroupReferences: unknown, statelessDefaultActions: ["aws:drop"] } }],
  ])("%s", (_, change) => {
    expect(internet(change)).toEqual(maybe4);
  });
});
