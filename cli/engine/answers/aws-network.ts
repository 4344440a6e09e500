import { ANSWER_CIDR, ANSWER_CIDR_V6, ANSWER_TEXT } from "../marks";
import type { Answer, Question } from "./question";

/** How many there are of what a filter finds. */
const SOME = [0, 1, 2];

const ids = (question: Question, prefix: string) => ({
  id: question.region,
  ids: SOME.map((nth) => question.id(prefix, nth)),
});
const arn = (question: Question, resource: string) => `arn:aws:ec2:${question.region}:${question.account}:${resource}`;

const subnets: Answer = (question) => ids(question, "subnet-");

/** Addresses inside `ANSWER_CIDR`. */
const ADDRESS = "241.37.0.10";
const PRIVATE_ADDRESS = "241.37.0.11";
const SUBNET_CIDR = "241.37.0.0/24";

/** Networks and addresses. Identifiers are plausible texts; every range and address bears a mark, see marks.ts. */
export const AWS_NETWORK: Readonly<Record<string, Answer>> = {
  "aws:ec2/getVpc": (q) => {
    const id = q.text("id", q.id("vpc-"));
    return { id, arn: arn(q, `vpc/${id}`), cidrBlock: ANSWER_CIDR, mainRouteTableId: q.id("rtb-"), ownerId: q.account };
  },
  "aws:ec2/getVpcs": (q) => ids(q, "vpc-"),
  "aws:ec2/getSubnets": subnets,
  "aws:ec2/getSubnetIds": subnets,
  "aws:ec2/getSubnet": (q) => {
    const id = q.text("id", q.id("subnet-"));
    return {
      id,
      arn: arn(q, `subnet/${id}`),
      vpcId: q.text("vpcId", q.id("vpc-")),
      cidrBlock: q.text("cidrBlock", SUBNET_CIDR),
      availabilityZone: q.text("availabilityZone", `${q.region}a`),
      ownerId: q.account,
    };
  },
  "aws:ec2/getSecurityGroup": (q) => {
    const id = q.text("id", q.id("sg-"));
    return {
      id,
      arn: arn(q, `security-group/${id}`),
      name: q.text("name", ANSWER_TEXT),
      vpcId: q.text("vpcId", q.id("vpc-")),
    };
  },
  "aws:ec2/getSecurityGroups": (q) => ids(q, "sg-"),
  "aws:ec2/getRouteTable": (q) => {
    const id = q.text("routeTableId", q.id("rtb-"));
    return { id, routeTableId: id, vpcId: q.text("vpcId", q.id("vpc-")) };
  },
  "aws:ec2/getRouteTables": (q) => ids(q, "rtb-"),
  "aws:ec2/getInternetGateway": (q) => {
    const id = q.text("internetGatewayId", q.id("igw-"));
    return { id, internetGatewayId: id, arn: arn(q, `internet-gateway/${id}`), ownerId: q.account };
  },
  "aws:ec2/getNatGateway": (q) => ({ id: q.text("id", q.id("nat-")), publicIp: ADDRESS, privateIp: PRIVATE_ADDRESS }),
  "aws:ec2/getNatGateways": (q) => ids(q, "nat-"),
  "aws:ec2/getVpcEndpoint": (q) => ({ id: q.text("id", q.id("vpce-")), cidrBlocks: [ANSWER_CIDR] }),
  "aws:ec2/getNetworkAcls": (q) => ids(q, "acl-"),
  "aws:ec2/getVpcPeeringConnection": (q) => ({ id: q.text("id", q.id("pcx-")) }),
  "aws:ec2/getPrefixList": (q) => ({
    id: q.text("prefixListId", q.id("pl-")),
    name: q.text("name", ANSWER_TEXT),
    cidrBlocks: [ANSWER_CIDR],
  }),
  "aws:ec2/getManagedPrefixList": (q) => {
    const id = q.text("id", q.id("pl-"));
    return { id, arn: arn(q, `prefix-list/${id}`), name: q.text("name", ANSWER_TEXT), ownerId: q.account };
  },
  "aws:index/getIpRanges": (q) => ({ id: q.region, cidrBlocks: [ANSWER_CIDR], ipv6CidrBlocks: [ANSWER_CIDR_V6] }),
  "aws:ec2/getEip": (q) => {
    const id = q.text("id", q.id("eipalloc-"));
    return { id, publicIp: q.text("publicIp", ADDRESS), privateIp: PRIVATE_ADDRESS };
  },
  "aws:ec2/getEips": (q) => ({
    id: q.region,
    allocationIds: SOME.map((nth) => q.id("eipalloc-", nth)),
    publicIps: [ADDRESS],
  }),
  "aws:ec2/getNetworkInterface": (q) => ({
    id: q.text("id", q.id("eni-")),
    privateIp: PRIVATE_ADDRESS,
    privateIps: [PRIVATE_ADDRESS],
    subnetId: q.id("subnet-"),
    vpcId: q.id("vpc-"),
    securityGroups: [q.id("sg-")],
  }),
  "aws:ec2/getNetworkInterfaces": (q) => ids(q, "eni-"),
  "aws:ec2/getInstance": (q) => {
    const id = q.text("instanceId", q.id("i-"));
    return {
      id,
      arn: arn(q, `instance/${id}`),
      privateIp: PRIVATE_ADDRESS,
      publicIp: ADDRESS,
      subnetId: q.id("subnet-"),
      vpcSecurityGroupIds: [q.id("sg-")],
    };
  },
  "aws:ec2/getInstances": (q) => ({ ...ids(q, "i-"), privateIps: [PRIVATE_ADDRESS], publicIps: [ADDRESS] }),
  "aws:ec2transitgateway/getTransitGateway": (q) => {
    const id = q.text("id", q.id("tgw-"));
    return { id, arn: arn(q, `transit-gateway/${id}`) };
  },
  "aws:lb/getLoadBalancer": (q) => ({
    id: q.text("arn", `arn:aws:elasticloadbalancing:${q.region}:${q.account}:loadbalancer/net/${q.id("lb-")}`),
    arn: q.text("arn", `arn:aws:elasticloadbalancing:${q.region}:${q.account}:loadbalancer/net/${q.id("lb-")}`),
    name: q.text("name", ANSWER_TEXT),
    dnsName: `${ANSWER_TEXT}.elb.${q.region}.amazonaws.com`,
    zoneId: q.id("Z"),
    vpcId: q.id("vpc-"),
  }),
  "aws:route53/getZone": (q) => {
    const id = q.text("zoneId", q.id("Z").toUpperCase());
    return {
      id,
      zoneId: id,
      arn: `arn:aws:route53:::hostedzone/${id}`,
      name: q.text("name", ANSWER_TEXT).replace(/\.$/, ""),
      nameServers: SOME.map((nth) => `ns-${nth}.${ANSWER_TEXT}.example`),
    };
  },
};
