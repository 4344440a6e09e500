import { createHash } from "node:crypto";
import * as ec2 from "@aws-sdk/client-ec2";
import type { Service } from "../provider";
import { isSame, type Props } from "../values";
import {
  ACCOUNT,
  arn,
  type Cloud,
  flag,
  found,
  inOrderOf,
  number,
  present,
  tagProps,
  tagSpecifications,
  text,
  texts,
  updateTags,
} from "./cloud";
import { refuseAclEntry } from "./refusals";

/** Network ACLs and their numbered rules. */
export function aclServices(it: Cloud): Record<string, Service> {
  return { "aws:ec2/networkAcl:NetworkAcl": acls(it), "aws:ec2/networkAclRule:NetworkAclRule": rules(it) };
}

async function describe({ ec2: client }: Cloud, filter: string, value: string): Promise<ec2.NetworkAcl[]> {
  const Filters = [{ Name: filter, Values: [value] }];
  return (await client().send(new ec2.DescribeNetworkAclsCommand({ Filters }))).NetworkAcls ?? [];
}

async function byId({ ec2: client }: Cloud, id: string): Promise<ec2.NetworkAcl | null> {
  const answer = await found(client().send(new ec2.DescribeNetworkAclsCommand({ NetworkAclIds: [id] })));
  return answer?.NetworkAcls?.[0] ?? null;
}

function acls(it: Cloud): Service {
  const { ec2: client } = it;
  /** A subnet always has one ACL: giving it another is replacing the association. */
  const move = async (subnetId: string, NetworkAclId: string) => {
    const [current] = await describe(it, "association.subnet-id", subnetId);
    const association = current?.Associations?.find((one) => one.SubnetId === subnetId);
    if (association === undefined) return; // The subnet is gone, and its association with it.
    const { NetworkAclAssociationId: AssociationId } = association;
    await client().send(new ec2.ReplaceNetworkAclAssociationCommand({ AssociationId, NetworkAclId }));
  };
  const toDefault = async (subnetId: string, vpcId: string) => {
    const usual = (await describe(it, "vpc-id", vpcId)).find((acl) => acl.IsDefault === true);
    if (usual?.NetworkAclId !== undefined) await move(subnetId, usual.NetworkAclId);
  };
  return {
    create: async (inputs) => {
      const { NetworkAcl } = await client().send(
        new ec2.CreateNetworkAclCommand({
          VpcId: text(inputs, "vpcId"),
          TagSpecifications: tagSpecifications("network-acl", inputs),
        }),
      );
      const id = NetworkAcl?.NetworkAclId ?? "";
      for (const subnetId of texts(inputs, "subnetIds") ?? []) await move(subnetId, id);
      return id;
    },
    read: async (id, before) => {
      const acl = await byId(it, id);
      if (acl === null) return null;
      const subnetIds = (acl.Associations ?? []).flatMap((one) => one.SubnetId ?? []);
      return {
        ...tagProps(acl.Tags),
        ...present({ vpcId: acl.VpcId }),
        subnetIds: inOrderOf(before.subnetIds, subnetIds),
        ingress: entries(acl, false),
        egress: entries(acl, true),
        arn: arn(it, `network-acl/${id}`),
        ownerId: ACCOUNT,
      };
    },
    update: async (id, old, news) => {
      const [before, after] = [texts(old, "subnetIds") ?? [], texts(news, "subnetIds") ?? []];
      for (const subnetId of before)
        if (!after.includes(subnetId)) await toDefault(subnetId, text(news, "vpcId") ?? "");
      for (const subnetId of after) if (!before.includes(subnetId)) await move(subnetId, id);
      await updateTags(it, id, old, news);
    },
    delete: async (id, state) => {
      for (const subnetId of texts(state, "subnetIds") ?? []) await toDefault(subnetId, text(state, "vpcId") ?? "");
      await client().send(new ec2.DeleteNetworkAclCommand({ NetworkAclId: id }));
    },
  };
}

/** The entries of one direction as the provider reads them back, without the final deny. */
function entries(acl: ec2.NetworkAcl, egress: boolean): Props[] {
  const own = (acl.Entries ?? []).filter((entry) => entry.Egress === egress && (entry.RuleNumber ?? 0) < 32767);
  return own.map((entry) => ({
    action: entry.RuleAction ?? "",
    cidrBlock: entry.CidrBlock ?? "",
    fromPort: entry.PortRange?.From ?? 0,
    icmpCode: 0,
    icmpType: 0,
    ipv6CidrBlock: entry.Ipv6CidrBlock ?? "",
    protocol: entry.Protocol ?? "",
    ruleNo: entry.RuleNumber ?? 0,
    toPort: entry.PortRange?.To ?? 0,
  }));
}

/** Names of protocols; EC2 knows numbers only. */
const PROTOCOLS: Readonly<Record<string, string>> = { all: "-1", icmp: "1", tcp: "6", udp: "17" };
const protocolNumber = (name: string) => PROTOCOLS[name] ?? name;

/** Numbers are taken per direction. No rule changes in place. */
function rules(it: Cloud): Service {
  const { ec2: client } = it;
  const named = (props: Props) => ({
    NetworkAclId: text(props, "networkAclId"),
    RuleNumber: number(props, "ruleNumber"),
    Egress: flag(props, "egress") ?? false,
  });
  return {
    create: async (inputs) => {
      const acl = await byId(it, text(inputs, "networkAclId") ?? "");
      if (acl !== null) refuseAclEntry(acl, named(inputs).Egress);
      const [From, To] = [number(inputs, "fromPort"), number(inputs, "toPort")];
      await client().send(
        new ec2.CreateNetworkAclEntryCommand({
          ...named(inputs),
          Protocol: protocolNumber(text(inputs, "protocol") ?? ""),
          RuleAction: text(inputs, "ruleAction") as ec2.RuleAction | undefined,
          CidrBlock: text(inputs, "cidrBlock"),
          Ipv6CidrBlock: text(inputs, "ipv6CidrBlock"),
          ...(From !== undefined && To !== undefined && { PortRange: { From, To } }),
        }),
      );
      const digest = createHash("sha256")
        .update(JSON.stringify(named(inputs)))
        .digest("hex")
        .slice(0, 10);
      return `nacl-${digest}`;
    },
    read: async (_, before) => {
      const { NetworkAclId, RuleNumber, Egress } = named(before);
      const acl = await byId(it, NetworkAclId ?? "");
      const entry = acl?.Entries?.find((one) => one.RuleNumber === RuleNumber && one.Egress === Egress);
      if (entry === undefined) return null;
      const protocol = text(before, "protocol") ?? "";
      return {
        ...present({
          ruleAction: entry.RuleAction,
          cidrBlock: entry.CidrBlock,
          ipv6CidrBlock: entry.Ipv6CidrBlock,
          protocol: isSame(protocolNumber(protocol), entry.Protocol) ? protocol : entry.Protocol,
          fromPort: entry.PortRange?.From ?? before.fromPort,
          toPort: entry.PortRange?.To ?? before.toPort,
        }),
        egress: Egress,
      };
    },
    update: async () => {},
    delete: async (_, state) => void (await client().send(new ec2.DeleteNetworkAclEntryCommand(named(state)))),
  };
}
