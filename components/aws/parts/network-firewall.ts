import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Owner, refuse } from "../../args";
import type { TagsArgs } from "../../parts/shared";
import type { InspectionArgs, NetworkFirewall } from "./inspection-args";
import { capacity, type InspectionRules, type RuleText } from "./inspection-rules";
import { createLogGroup } from "./log-group";

/** What a firewall is made for and of. */
export interface NetworkFirewallSettings {
  readonly who: Owner;
  readonly vpcId: pulumi.Input<string>;
  readonly firewall: NetworkFirewall;
  readonly rules: InspectionRules;
  readonly tags: TagsArgs;
}

/**
 * AWS Network Firewall, and the routes that put it between the Internet gateway and the DMZ in both directions. Addresses stay as they
 * are: the front ends see their clients. Network Firewall Developer Guide, "Multi zone architecture with an internet gateway".
 */
export function createNetworkFirewall(
  name: string,
  { who, vpcId, firewall, rules, tags }: NetworkFirewallSettings,
  parent: pulumi.Resource,
): aws.networkfirewall.Firewall {
  const { inspection } = firewall;
  const policy = createPolicy(name, rules, tags, parent);
  const resource = new aws.networkfirewall.Firewall(
    name,
    {
      vpcId,
      firewallPolicyArn: policy.arn,
      subnetMappings: inspection.zones.map(({ firewallSubnetId }) => ({ subnetId: firewallSubnetId })),
      description: "Between the Internet gateway and the DMZ",
      tags: { ...tags, Name: name },
    },
    { parent },
  );
  createLogs(name, resource, firewall, tags, parent);
  createRoutes(name, resource, inspection, who, parent);
  return resource;
}

/** Every packet goes to the stateful rules, which drop what none of them passes. */
function createPolicy(
  name: string,
  rules: InspectionRules,
  tags: TagsArgs,
  parent: pulumi.Resource,
): aws.networkfirewall.FirewallPolicy {
  const groups = [
    createRuleGroup(`${name}-inbound`, "SMTP from the Internet to the front ends", rules.inbound, tags, parent),
    createRuleGroup(`${name}-outbound`, "What the front ends open on the Internet", rules.outbound, tags, parent),
  ];
  return new aws.networkfirewall.FirewallPolicy(
    `${name}-policy`,
    {
      firewallPolicy: {
        statelessDefaultActions: ["aws:forward_to_sfe"],
        statelessFragmentDefaultActions: ["aws:forward_to_sfe"],
        statefulEngineOptions: { ruleOrder: "STRICT_ORDER", streamExceptionPolicy: "DROP" },
        statefulDefaultActions: ["aws:drop_strict", "aws:alert_strict"],
        statefulRuleGroupReferences: groups.map(({ arn }, i) => ({ resourceArn: arn, priority: 10 * (i + 1) })),
      },
      description: "Drops what no rule passes",
      tags: { ...tags, Name: name },
    },
    { parent },
  );
}

function createRuleGroup(
  child: string,
  description: string,
  { rules, variables }: RuleText,
  tags: TagsArgs,
  parent: pulumi.Resource,
): aws.networkfirewall.RuleGroup {
  const ipSets = Object.entries(variables).map(([key, blocks]) => ({ key, ipSet: { definitions: [...blocks] } }));
  return new aws.networkfirewall.RuleGroup(
    `${child}-rules`,
    {
      type: "STATEFUL",
      capacity,
      ruleGroup: {
        statefulRuleOptions: { ruleOrder: "STRICT_ORDER" },
        ruleVariables: { ipSets },
        rulesSource: { rulesString: rules },
      },
      description,
      tags: { ...tags, Name: child },
    },
    { parent },
  );
}

/** The prefix keeps the group out of the resource policy of the account's logs, whose size is limited. */
function createLogs(
  name: string,
  firewall: aws.networkfirewall.Firewall,
  { logs }: NetworkFirewall,
  tags: TagsArgs,
  parent: pulumi.Resource,
): void {
  const group = createLogGroup(`${name}-log-group`, logs, tags, parent, `/aws/vendedlogs/${name}-`);
  new aws.networkfirewall.LoggingConfiguration(
    `${name}-logs`,
    {
      firewallArn: firewall.arn,
      loggingConfiguration: {
        logDestinationConfigs: ["FLOW", "ALERT"].map((logType) => ({
          logType,
          logDestinationType: "CloudWatchLogs",
          logDestination: { logGroup: group.name },
        })),
      },
    },
    { parent },
  );
}

/** Both directions of a DMZ subnet lead to the endpoint of its own zone: the firewall must see a connection as a whole. */
function createRoutes(
  name: string,
  firewall: aws.networkfirewall.Firewall,
  inspection: InspectionArgs,
  who: Owner,
  parent: pulumi.Resource,
): void {
  const subnets = inspection.zones.flatMap(({ firewallSubnetId, dmz }) => {
    const vpcEndpointId = endpointIn(firewall, firewallSubnetId, who);
    return dmz.map((subnet) => ({ ...subnet, vpcEndpointId }));
  });
  subnets.forEach(({ cidr, routeTableId, vpcEndpointId }, i) => {
    new aws.ec2.Route(
      `${name}-to-dmz-${i + 1}`,
      { routeTableId: inspection.gatewayRouteTableId, destinationCidrBlock: cidr, vpcEndpointId },
      { parent },
    );
    new aws.ec2.Route(
      `${name}-from-dmz-${i + 1}`,
      { routeTableId, destinationCidrBlock: "0.0.0.0/0", vpcEndpointId },
      { parent },
    );
  });
}

/** The endpoint that the firewall has in a subnet. */
function endpointIn(
  firewall: aws.networkfirewall.Firewall,
  subnetId: pulumi.Input<string>,
  who: Owner,
): pulumi.Output<string> {
  return pulumi.all([firewall.firewallStatuses, subnetId]).apply(([statuses, id]) => {
    const endpoints = statuses.flatMap(({ syncStates }) => syncStates.flatMap(({ attachments }) => attachments));
    const found = endpoints.find((endpoint) => endpoint.subnetId === id);
    const expected = `a subnet with an endpoint of the firewall, one of ${endpoints.map((it) => it.subnetId).join(", ")}`;
    return found?.endpointId ?? refuse(who, "networkFirewall.inspection.zones.firewallSubnetId", id, expected);
  });
}
