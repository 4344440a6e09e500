import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/**
 * Many small networks side by side, each with its own way of saying the same or of being wrong: what the findings of the embedded
 * engine, of a preview and of a state are compared on.
 */

interface Place {
  readonly vpc: aws.ec2.Vpc;
  readonly subnet: aws.ec2.Subnet;
}

let nets = 0;
function place(name: string): Place {
  const net = `10.${100 + nets++}`;
  const vpc = new aws.ec2.Vpc(name, { cidrBlock: `${net}.0.0/16` });
  const gateway = new aws.ec2.InternetGateway(name, { vpcId: vpc.id });
  const table = new aws.ec2.RouteTable(name, {
    vpcId: vpc.id,
    routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: gateway.id }],
  });
  const subnet = new aws.ec2.Subnet(name, { vpcId: vpc.id, cidrBlock: `${net}.1.0/24` });
  new aws.ec2.RouteTableAssociation(name, { subnetId: subnet.id, routeTableId: table.id });
  return { vpc, subnet };
}

const anywhere = { protocol: "tcp", fromPort: 25, toPort: 25, cidrBlocks: ["0.0.0.0/0"] };
const allOut = { protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] };
const machine = { ami: "ami-0123456789abcdef0", instanceType: "t3.small" };
const well = {
  metadataOptions: { httpEndpoint: "enabled", httpTokens: "required" },
  rootBlockDevice: { encrypted: true },
};
const mailer = (mynetworks: string) =>
  `#cloud-config\n${JSON.stringify({
    write_files: [
      {
        path: "/etc/postfix/main.cf",
        content: `mynetworks = ${mynetworks}\nsmtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination\n`,
      },
    ],
    packages: ["postfix"],
  })}\n`;

{
  // A front end that is declared by its tag, with inline rules.
  const { vpc, subnet } = place("tagged");
  const tags = { "relayproof:role": "front-end" };
  const group = new aws.ec2.SecurityGroup("tagged", { vpcId: vpc.id, ingress: [anywhere], egress: [allOut], tags });
  const network = { subnetId: subnet.id, associatePublicIpAddress: true, vpcSecurityGroupIds: [group.id] };
  new aws.ec2.Instance("tagged", { ...machine, ...well, ...network, userData: mailer("127.0.0.0/8"), tags });
}

{
  // An open relay behind an address of its own, in rules of their own.
  const { vpc, subnet } = place("open");
  const group = new aws.ec2.SecurityGroup("open", { vpcId: vpc.id, tags: { "relayproof:role": "front-end" } });
  const smtp = { securityGroupId: group.id, cidrIpv4: "0.0.0.0/0", ipProtocol: "tcp", fromPort: 25, toPort: 25 };
  new aws.vpc.SecurityGroupIngressRule("open", smtp);
  new aws.vpc.SecurityGroupEgressRule("open", { ...smtp, fromPort: 1, toPort: 1024 });
  const host = new aws.ec2.Instance("open", {
    ...machine,
    subnetId: subnet.id,
    privateIp: "10.101.1.10",
    vpcSecurityGroupIds: [group.id],
    userData: mailer("0.0.0.0/0"),
    tags: { "relayproof:role": "front-end" },
  });
  const address = new aws.ec2.Eip("open", { domain: "vpc" });
  new aws.ec2.EipAssociation("open", { allocationId: address.id, instanceId: host.id });
}

{
  // A group that names an address which only the update will tell, beside one that is open now.
  const { vpc, subnet } = place("unknown");
  const address = new aws.ec2.Eip("unknown", { domain: "vpc" });
  const group = new aws.ec2.SecurityGroup("unknown", {
    vpcId: vpc.id,
    ingress: [
      { protocol: "tcp", fromPort: 587, toPort: 587, cidrBlocks: [pulumi.interpolate`${address.publicIp}/32`] },
      { protocol: "tcp", fromPort: 25, toPort: 25, cidrBlocks: ["203.0.113.0/24"] },
    ],
    egress: [allOut],
  });
  const network = { subnetId: subnet.id, associatePublicIpAddress: true, vpcSecurityGroupIds: [group.id] };
  new aws.ec2.Instance("unknown", { ...machine, ...network, tags: { "relayproof:role": "internal-mail" } });
}

{
  // An ordinary machine without mail, in the default group, with a numbered ACL.
  const { vpc, subnet } = place("plain");
  new aws.ec2.DefaultSecurityGroup("plain", { vpcId: vpc.id, ingress: [], egress: [allOut] });
  const acl = new aws.ec2.NetworkAcl("plain", { vpcId: vpc.id, subnetIds: [subnet.id] });
  const rule = { networkAclId: acl.id, protocol: "-1", cidrBlock: "0.0.0.0/0", ruleAction: "allow" };
  new aws.ec2.NetworkAclRule("plain-in", { ...rule, ruleNumber: 100 });
  new aws.ec2.NetworkAclRule("plain-out", { ...rule, ruleNumber: 100, egress: true });
  new aws.ec2.Instance("plain", { ...machine, ...well, subnetId: subnet.id });
}

{
  // Mail configuration that is a secret, and part of it known only after the update.
  const { vpc, subnet } = place("secret");
  const group = new aws.ec2.SecurityGroup("secret", { vpcId: vpc.id, ingress: [anywhere], egress: [allOut] });
  const relay = new aws.ec2.Eip("secret", { domain: "vpc" });
  const network = { subnetId: subnet.id, associatePublicIpAddress: true, vpcSecurityGroupIds: [group.id] };
  new aws.ec2.Instance("secret", { ...machine, ...network, userData: pulumi.secret(mailer("127.0.0.0/8")) });
  new aws.ec2.Instance("later", { ...machine, ...network, userData: relay.publicIp.apply(mailer) });
}

{
  // Two groups that admit each other, one of them through a prefix list.
  const { vpc, subnet } = place("groups");
  const list = new aws.ec2.ManagedPrefixList("groups", {
    addressFamily: "IPv4",
    maxEntries: 2,
    entries: [{ cidr: "198.51.100.0/24", description: "partners" }],
  });
  const front = new aws.ec2.SecurityGroup("groups-front", {
    vpcId: vpc.id,
    ingress: [{ protocol: "tcp", fromPort: 25, toPort: 25, prefixListIds: [list.id] }],
    egress: [allOut],
  });
  const back = new aws.ec2.SecurityGroup("groups-back", {
    vpcId: vpc.id,
    ingress: [{ protocol: "tcp", fromPort: 25, toPort: 25, securityGroups: [front.id], self: true }],
  });
  const on = { ...machine, ...well, subnetId: subnet.id };
  new aws.ec2.Instance("groups-front", { ...on, associatePublicIpAddress: true, vpcSecurityGroupIds: [front.id] });
  const internal = { "relayproof:role": "internal-mail" };
  new aws.ec2.Instance("groups-back", { ...on, vpcSecurityGroupIds: [back.id], tags: internal });
}
