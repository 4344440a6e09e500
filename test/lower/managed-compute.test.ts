import { describe, expect, it } from "vitest";
import { ask } from "./ask";
import { ANY, edge, everything, type Inputs, type Resource, tcp } from "./stack";

/** Services that AWS runs have interfaces in subnets: sources to reckon with, members of groups, and no rows. */

function withService(type: string, inputs: (e: ReturnType<typeof edge> & { clients: Resource }) => Inputs) {
  const e = edge({ group: { ingress: [] } });
  const clients = e.stack.add(
    "group",
    { vpcId: e.vpc, egress: [everything({ cidrBlocks: [ANY] })] },
    { name: "clients" },
  );
  e.stack.add("ingressRule", {
    securityGroupId: e.group,
    ipProtocol: "tcp",
    fromPort: 25,
    toPort: 25,
    referencedSecurityGroupId: clients,
  });
  const service = e.stack.addType(type, inputs({ ...e, clients }), { name: "service" });
  return { ...e, service, asked: ask(e.stack) };
}

const subnetGroup = (type: string) => (e: ReturnType<typeof edge> & { clients: Resource }) => {
  const group = e.stack.addType(type, { name: "subnets", subnetIds: [e.subnet] }, { name: "subnets" });
  return group;
};

describe("a managed service", () => {
  it.each([
    ["aws:lambda/function:Function", "vpcConfig", "subnetIds", "securityGroupIds"],
    ["aws:ecs/service:Service", "networkConfiguration", "subnets", "securityGroups"],
    ["aws:codebuild/project:Project", "vpcConfig", "subnets", "securityGroupIds"],
    ["aws:batch/computeEnvironment:ComputeEnvironment", "computeResources", "subnets", "securityGroupIds"],
    ["aws:opensearch/domain:Domain", "vpcOptions", "subnetIds", "securityGroupIds"],
    ["aws:eks/cluster:Cluster", "vpcConfig", "subnetIds", "securityGroupIds"],
  ])("%s is a member of its groups, by the properties of its %s", (type, holder, subnets, groups) => {
    const { asked, host, service } = withService(type, (e) => ({
      [holder]: { [subnets]: [e.subnet], [groups]: [e.clients] },
    }));
    expect(asked.internal(host)).toEqual({ must: [service.urn], maybe: [] });
    expect(asked.network.hosts.map(({ urn }) => urn)).not.toContain(service.urn);
    expect(asked.network.unmodelled.map(({ resource }) => resource)).toContain(service.urn);
  });

  it("is found by its subnet group", () => {
    const { asked, host, service } = withService("aws:rds/instance:Instance", (e) => ({
      dbSubnetGroupName: subnetGroup("aws:rds/subnetGroup:SubnetGroup")(e),
      vpcSecurityGroupIds: [e.clients],
    }));
    expect(asked.internal(host).must).toEqual([service.urn]);
  });

  it("without subnets has no interface in a VPC", () => {
    const { asked } = withService("aws:lambda/function:Function", () => ({ runtime: "nodejs22.x" }));
    expect([...asked.network.classes.values()].flatMap(({ interfaces }) => interfaces)).toHaveLength(1);
  });

  it("that names a host is no way from the Internet to it", () => {
    const { asked, host } = withService("aws:lambda/function:Function", (e) => ({
      environment: { variables: { HOST: e.host } },
      vpcConfig: { subnetIds: [e.subnet], securityGroupIds: [] },
    }));
    expect(asked.internet(host)).toEqual({ must: [], maybe: [] });
  });

  it("opens what its groups let out", () => {
    const e = edge({ group: { ingress: [tcp(25, { cidrBlocks: ["10.0.0.0/16"] })] } });
    const shut = e.stack.add("group", { vpcId: e.vpc, egress: [] }, { name: "shut" });
    const open = e.stack.add("group", { vpcId: e.vpc, egress: [tcp(25, { cidrBlocks: [ANY] })] }, { name: "open" });
    for (const [name, group] of [
      ["silent", shut],
      ["loud", open],
    ] as const)
      e.stack.addType(
        "aws:lambda/function:Function",
        { vpcConfig: { subnetIds: [e.subnet], securityGroupIds: [group] } },
        { name },
      );
    const asked = ask(e.stack);
    const [target] = asked.flows.classesOf(asked.host(e.host));
    const opening = [...asked.network.classes.values()]
      .filter((source) => target !== undefined && asked.flows.betweenClasses(source, target, 25).length > 0)
      .flatMap(({ interfaces }) => interfaces.map((urn) => urn.split("::").at(-1)));
    expect(opening).toContain("loud");
    expect(opening).not.toContain("silent");
  });
});

describe("an EKS node group", () => {
  const nodes = (change: (e: ReturnType<typeof edge> & { clients: Resource }) => Inputs) =>
    withService("aws:eks/nodeGroup:NodeGroup", (e) => ({ subnetIds: [e.subnet], ...change(e) }));

  it("carries the groups of its launch template", () => {
    const { asked, host, service } = nodes((e) => ({
      launchTemplate: {
        id: e.stack.addType("aws:ec2/launchTemplate:LaunchTemplate", { vpcSecurityGroupIds: [e.clients] }),
        version: "1",
      },
    }));
    expect(asked.internal(host).must).toEqual([service.urn]);
  });

  it("carries the group of its cluster otherwise, which the stack does not show", () => {
    const { asked, host, service } = nodes(() => ({}));
    expect(asked.internal(host).must).toEqual([]);
    const [target] = asked.flows.classesOf(asked.host(host));
    const source = [...asked.network.classes.values()].find(({ interfaces }) => interfaces.includes(service.urn));
    expect(source).toBeDefined();
    expect(target).toBeDefined();
  });
});
