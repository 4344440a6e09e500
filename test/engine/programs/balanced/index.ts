import * as aws from "@pulumi/aws";

/**
 * Mail behind load balancers: targets by instance and by address, a scaling group, a NAT gateway, and a peered network with an
 * internal mail server of its own.
 */

const anyone = ["0.0.0.0/0"];
const allOut = { protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: anyone };
const smtpFrom = (...cidrBlocks: string[]) => ({ protocol: "tcp", fromPort: 25, toPort: 25, cidrBlocks });
const machine = {
  ami: "ami-0123456789abcdef0",
  instanceType: "t3.small",
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

const vpc = new aws.ec2.Vpc("mail", { cidrBlock: "10.60.0.0/16" });
const gateway = new aws.ec2.InternetGateway("mail", { vpcId: vpc.id });
const outside = new aws.ec2.RouteTable("outside", {
  vpcId: vpc.id,
  routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: gateway.id }],
});
const front = new aws.ec2.Subnet("front", { vpcId: vpc.id, cidrBlock: "10.60.1.0/24" });
new aws.ec2.RouteTableAssociation("front", { subnetId: front.id, routeTableId: outside.id });
const address = new aws.ec2.Eip("nat", { domain: "vpc" });
const nat = new aws.ec2.NatGateway("nat", { subnetId: front.id, allocationId: address.id });

const partner = new aws.ec2.Vpc("partner", { cidrBlock: "10.61.0.0/16" });
const peering = new aws.ec2.VpcPeeringConnection("partner", {
  vpcId: vpc.id,
  peerVpcId: partner.id,
  autoAccept: true,
});
const inside = new aws.ec2.RouteTable("inside", {
  vpcId: vpc.id,
  routes: [
    { cidrBlock: "0.0.0.0/0", natGatewayId: nat.id },
    { cidrBlock: "10.61.0.0/16", vpcPeeringConnectionId: peering.id },
  ],
});
const back = new aws.ec2.Subnet("back", { vpcId: vpc.id, cidrBlock: "10.60.2.0/24" });
new aws.ec2.RouteTableAssociation("back", { subnetId: back.id, routeTableId: inside.id });

/** A balancer for one port, whose targets see it instead of the client unless they are instances. */
function balancer(name: string, targetType: "instance" | "ip"): aws.lb.TargetGroup {
  const balanced = new aws.lb.LoadBalancer(name, { loadBalancerType: "network", subnets: [front.id] });
  const targets = new aws.lb.TargetGroup(name, { port: 25, protocol: "TCP", vpcId: vpc.id, targetType });
  new aws.lb.Listener(name, {
    loadBalancerArn: balanced.arn,
    port: 25,
    protocol: "TCP",
    defaultActions: [{ type: "forward", targetGroupArn: targets.arn }],
  });
  return targets;
}

const open = new aws.ec2.SecurityGroup("open", { vpcId: vpc.id, ingress: [smtpFrom(...anyone)], egress: [allOut] });

{
  // A front end that sees clients, and trusts the network of the balancer only.
  const tags = { "relayproof:role": "front-end" };
  const network = { subnetId: back.id, vpcSecurityGroupIds: [open.id] };
  const host = new aws.ec2.Instance("seeing", { ...machine, ...network, userData: mailer("10.60.1.0/24"), tags });
  const targets = balancer("seeing", "instance");
  new aws.lb.TargetGroupAttachment("seeing", { targetGroupArn: targets.arn, targetId: host.id });
}

{
  // The same by address: every client looks like the balancer, whose network is trusted.
  const tags = { "relayproof:role": "front-end" };
  const network = { subnetId: back.id, privateIp: "10.60.2.20", vpcSecurityGroupIds: [open.id] };
  const host = new aws.ec2.Instance("hiding", { ...machine, ...network, userData: mailer("10.60.1.0/24"), tags });
  const targets = balancer("hiding", "ip");
  new aws.lb.TargetGroupAttachment("hiding", { targetGroupArn: targets.arn, targetId: host.privateIp });
}

{
  // Machines that nobody declared, made from a template.
  const template = new aws.ec2.LaunchTemplate("workers", {
    imageId: machine.ami,
    vpcSecurityGroupIds: [open.id],
    userData: Buffer.from(mailer("127.0.0.0/8")).toString("base64"),
  });
  new aws.autoscaling.Group("workers", {
    minSize: 1,
    maxSize: 2,
    vpcZoneIdentifiers: [back.id],
    launchTemplate: { id: template.id },
    targetGroupArns: [balancer("workers", "instance").arn],
  });
}

{
  // An internal mail server on the other side of the peering, which admits all of this side.
  const table = new aws.ec2.RouteTable("partner", {
    vpcId: partner.id,
    routes: [{ cidrBlock: "10.60.0.0/16", vpcPeeringConnectionId: peering.id }],
  });
  const subnet = new aws.ec2.Subnet("partner", { vpcId: partner.id, cidrBlock: "10.61.1.0/24" });
  new aws.ec2.RouteTableAssociation("partner", { subnetId: subnet.id, routeTableId: table.id });
  const group = new aws.ec2.SecurityGroup("partner", {
    vpcId: partner.id,
    ingress: [smtpFrom("10.60.0.0/16")],
    egress: [allOut],
  });
  const tags = { "relayproof:role": "internal-mail" };
  new aws.ec2.Instance("partner", { ...machine, subnetId: subnet.id, vpcSecurityGroupIds: [group.id], tags });
}
