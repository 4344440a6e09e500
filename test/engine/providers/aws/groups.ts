import * as ec2 from "@aws-sdk/client-ec2";
import type { Service } from "../provider";
import { isSame, type Props } from "../values";
import {
  ACCOUNT,
  arn,
  type Cloud,
  found,
  inOrderOf,
  number,
  objects,
  present,
  tagProps,
  tagSpecifications,
  text,
  texts,
  updateTags,
} from "./cloud";
import { refuseGroupRule } from "./refusals";

/** Security groups with inline rules, standalone rules, and prefix lists. */
export function groupServices(it: Cloud): Record<string, Service> {
  return {
    "aws:ec2/securityGroup:SecurityGroup": groups(it),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": defaultGroups(it),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": rules(it, "ingress"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": rules(it, "egress"),
    "aws:ec2/managedPrefixList:ManagedPrefixList": prefixLists(it),
  };
}

type Direction = "ingress" | "egress";
const DIRECTIONS: readonly Direction[] = ["ingress", "egress"];

function groups(it: Cloud): Service {
  const { ec2: client } = it;
  return {
    create: async (inputs) => {
      const { GroupId = "" } = await client().send(
        new ec2.CreateSecurityGroupCommand({
          GroupName: text(inputs, "name"),
          Description: text(inputs, "description"),
          VpcId: text(inputs, "vpcId"),
          TagSpecifications: tagSpecifications("security-group", inputs),
        }),
      );
      // AWS lets everything out of a new group; the provider takes that away: `resourceSecurityGroupCreate` in vpc_security_group.go.
      await revokeAll(it, GroupId);
      await setInline(it, GroupId, {}, inputs);
      return GroupId;
    },
    read: (id, before) => readGroup(it, id, before),
    update: async (id, old, news) => {
      await setInline(it, id, old, news);
      await updateTags(it, id, old, news);
    },
    delete: async (id) => void (await client().send(new ec2.DeleteSecurityGroupCommand({ GroupId: id }))),
  };
}

/** Takes over the group that every VPC has, and leaves it behind: vpc_default_security_group.go. */
function defaultGroups(it: Cloud): Service {
  return {
    create: async (inputs) => {
      const Filters = [
        { Name: "group-name", Values: ["default"] },
        { Name: "vpc-id", Values: [text(inputs, "vpcId") ?? ""] },
      ];
      const { SecurityGroups = [] } = await it.ec2().send(new ec2.DescribeSecurityGroupsCommand({ Filters }));
      const id = SecurityGroups[0]?.GroupId;
      if (id === undefined) throw new Error(`no default security group in ${text(inputs, "vpcId")}`);
      await revokeAll(it, id);
      await setInline(it, id, {}, inputs);
      await updateTags(it, id, {}, inputs);
      return id;
    },
    read: (id, before) => readGroup(it, id, before),
    update: async (id, old, news) => {
      await setInline(it, id, old, news);
      await updateTags(it, id, old, news);
    },
    delete: async () => {},
  };
}

async function readGroup(it: Cloud, id: string, before: Props): Promise<Props | null> {
  const answer = await found(it.ec2().send(new ec2.DescribeSecurityGroupsCommand({ GroupIds: [id] })));
  const group = answer?.SecurityGroups?.[0];
  if (group === undefined) return null;
  return {
    ...tagProps(group.Tags),
    ...present({ name: group.GroupName, description: group.Description, vpcId: group.VpcId }),
    ingress: inline(group.IpPermissions, objects(before, "ingress"), id),
    egress: inline(group.IpPermissionsEgress, objects(before, "egress"), id),
    namePrefix: "",
    arn: arn(it, `security-group/${id}`),
    ownerId: ACCOUNT,
  };
}

/** The rules of a group as the provider reads them back: in the program's words as long as they mean what there is. */
function inline(actual: readonly ec2.IpPermission[] = [], said: readonly Props[], self: string): Props[] {
  const flatten = (rules: readonly Props[]) =>
    rules
      .flatMap((rule) => atoms(rule, self))
      .sort()
      .join();
  const read = actual.map((permission) => inlineRule(permission, self));
  return flatten(read) === flatten(said) ? [...said] : read;
}

function atoms(rule: Props, self: string): string[] {
  const all = String(rule.protocol) === "-1";
  const base = all ? "-1" : `${rule.protocol}:${rule.fromPort}-${rule.toPort}`;
  const groupIds = [...(texts(rule, "securityGroups") ?? []), ...(rule.self === true ? [self] : [])];
  const sources = ["cidrBlocks", "ipv6CidrBlocks", "prefixListIds"].flatMap((key) => texts(rule, key) ?? []);
  return [...sources, ...groupIds].map((source) => `${base} ${source}`);
}

function inlineRule(permission: ec2.IpPermission, self: string): Props {
  const groupIds = (permission.UserIdGroupPairs ?? []).flatMap(({ GroupId }) => GroupId ?? []);
  return {
    protocol: permission.IpProtocol ?? "-1",
    fromPort: permission.FromPort ?? 0,
    toPort: permission.ToPort ?? 0,
    cidrBlocks: (permission.IpRanges ?? []).flatMap(({ CidrIp }) => CidrIp ?? []),
    ipv6CidrBlocks: (permission.Ipv6Ranges ?? []).flatMap(({ CidrIpv6 }) => CidrIpv6 ?? []),
    prefixListIds: (permission.PrefixListIds ?? []).flatMap(({ PrefixListId }) => PrefixListId ?? []),
    securityGroups: groupIds.filter((id) => id !== self),
    self: groupIds.includes(self),
    description: "",
  };
}

function permissionOf(rule: Props, self: string): ec2.IpPermission {
  const all = String(rule.protocol) === "-1";
  const Description = text(rule, "description");
  const groupIds = [...(texts(rule, "securityGroups") ?? []), ...(rule.self === true ? [self] : [])];
  return {
    IpProtocol: String(rule.protocol),
    ...(!all && { FromPort: number(rule, "fromPort"), ToPort: number(rule, "toPort") }),
    IpRanges: texts(rule, "cidrBlocks")?.map((CidrIp) => ({ CidrIp, Description })),
    Ipv6Ranges: texts(rule, "ipv6CidrBlocks")?.map((CidrIpv6) => ({ CidrIpv6, Description })),
    PrefixListIds: texts(rule, "prefixListIds")?.map((PrefixListId) => ({ PrefixListId, Description })),
    ...(groupIds.length > 0 && { UserIdGroupPairs: groupIds.map((GroupId) => ({ GroupId, Description })) }),
  };
}

async function setInline(it: Cloud, id: string, old: Props, news: Props): Promise<void> {
  for (const direction of DIRECTIONS) {
    const [before, after] = [objects(old, direction), objects(news, direction)];
    const gone = before.filter((rule) => !after.some((one) => isSame(one, rule)));
    const added = after.filter((rule) => !before.some((one) => isSame(one, rule)));
    if (gone.length > 0) await revoke(it, direction, id, { IpPermissions: gone.map((rule) => permissionOf(rule, id)) });
    if (added.length > 0)
      await authorize(
        it,
        direction,
        id,
        added.map((rule) => permissionOf(rule, id)),
      );
  }
}

async function revokeAll(it: Cloud, id: string): Promise<void> {
  const answer = await it.ec2().send(new ec2.DescribeSecurityGroupsCommand({ GroupIds: [id] }));
  const group = answer.SecurityGroups?.[0];
  const { IpPermissions = [], IpPermissionsEgress = [] } = group ?? {};
  if (IpPermissions.length > 0) await revoke(it, "ingress", id, { IpPermissions });
  if (IpPermissionsEgress.length > 0) await revoke(it, "egress", id, { IpPermissions: IpPermissionsEgress });
}

function authorize({ ec2: client }: Cloud, direction: Direction, GroupId: string, IpPermissions: ec2.IpPermission[]) {
  const input = { GroupId, IpPermissions };
  return direction === "ingress"
    ? client().send(new ec2.AuthorizeSecurityGroupIngressCommand(input))
    : client().send(new ec2.AuthorizeSecurityGroupEgressCommand(input));
}

function revoke(
  { ec2: client }: Cloud,
  direction: Direction,
  GroupId: string,
  which: { IpPermissions: ec2.IpPermission[] } | { SecurityGroupRuleIds: string[] },
) {
  const input = { GroupId, ...which };
  return direction === "ingress"
    ? client().send(new ec2.RevokeSecurityGroupIngressCommand(input))
    : client().send(new ec2.RevokeSecurityGroupEgressCommand(input));
}

/** One flow of a group: vpc_security_group_ingress_rule.go, vpc_security_group_egress_rule.go. */
function rules(it: Cloud, direction: Direction): Service {
  const { ec2: client } = it;
  const groupOf = (props: Props) => text(props, "securityGroupId") ?? "";
  return {
    create: async (inputs) => {
      const { Description, ...rule } = ruleRequest(inputs);
      await refuseGroupRule(it, groupOf(inputs), direction === "egress", rule.PrefixListId);
      const permission: ec2.IpPermission = {
        IpProtocol: rule.IpProtocol,
        FromPort: rule.FromPort,
        ToPort: rule.ToPort,
        ...(rule.CidrIpv4 !== undefined && { IpRanges: [{ CidrIp: rule.CidrIpv4, Description }] }),
        ...(rule.CidrIpv6 !== undefined && { Ipv6Ranges: [{ CidrIpv6: rule.CidrIpv6, Description }] }),
        ...(rule.PrefixListId !== undefined && {
          PrefixListIds: [{ PrefixListId: rule.PrefixListId, Description }],
        }),
        ...(rule.ReferencedGroupId !== undefined && {
          UserIdGroupPairs: [{ GroupId: rule.ReferencedGroupId, Description }],
        }),
      };
      const { SecurityGroupRules = [] } = await authorize(it, direction, groupOf(inputs), [permission]);
      const id = SecurityGroupRules[0]?.SecurityGroupRuleId;
      if (id === undefined) throw new Error("the new rule has no id");
      await updateTags(it, id, {}, inputs);
      return id;
    },
    read: async (id, before) => {
      const input = { Filters: [{ Name: "group-id", Values: [groupOf(before)] }] };
      const answer = await found(client().send(new ec2.DescribeSecurityGroupRulesCommand(input)));
      const rule = answer?.SecurityGroupRules?.find((one) => one.SecurityGroupRuleId === id);
      if (rule === undefined) return null;
      const port = (value: number | undefined) => (value === -1 || value === undefined ? undefined : value);
      return present({
        securityGroupId: rule.GroupId,
        ipProtocol: rule.IpProtocol,
        fromPort: port(rule.FromPort),
        toPort: port(rule.ToPort),
        cidrIpv4: rule.CidrIpv4,
        cidrIpv6: rule.CidrIpv6,
        prefixListId: rule.PrefixListId,
        referencedSecurityGroupId: rule.ReferencedGroupInfo?.GroupId,
        description: rule.Description,
        securityGroupRuleId: id,
        arn: arn(it, `security-group-rule/${id}`),
        tagsAll: tagProps(rule.Tags).tagsAll,
      });
    },
    update: async (id, old, news) => {
      const SecurityGroupRules = [{ SecurityGroupRuleId: id, SecurityGroupRule: ruleRequest(news) }];
      await client().send(new ec2.ModifySecurityGroupRulesCommand({ GroupId: groupOf(news), SecurityGroupRules }));
      await updateTags(it, id, old, news);
    },
    delete: async (id, state) => void (await revoke(it, direction, groupOf(state), { SecurityGroupRuleIds: [id] })),
  };
}

function ruleRequest(props: Props): ec2.SecurityGroupRuleRequest {
  return {
    IpProtocol: text(props, "ipProtocol"),
    FromPort: number(props, "fromPort"),
    ToPort: number(props, "toPort"),
    CidrIpv4: text(props, "cidrIpv4"),
    CidrIpv6: text(props, "cidrIpv6"),
    PrefixListId: text(props, "prefixListId"),
    ReferencedGroupId: text(props, "referencedSecurityGroupId"),
    Description: text(props, "description"),
  };
}

function prefixLists(it: Cloud): Service {
  const { ec2: client } = it;
  const entriesOf = (props: Props) =>
    objects(props, "entries").map((entry) => ({ Cidr: text(entry, "cidr"), Description: text(entry, "description") }));
  return {
    create: async (inputs) => {
      const { PrefixList } = await client().send(
        new ec2.CreateManagedPrefixListCommand({
          PrefixListName: text(inputs, "name"),
          AddressFamily: text(inputs, "addressFamily"),
          MaxEntries: number(inputs, "maxEntries"),
          Entries: entriesOf(inputs),
          TagSpecifications: tagSpecifications("prefix-list", inputs),
        }),
      );
      return PrefixList?.PrefixListId ?? "";
    },
    read: async (id, before) => {
      const input = { PrefixListIds: [id] };
      const answer = await found(client().send(new ec2.DescribeManagedPrefixListsCommand(input)));
      const list = answer?.PrefixLists?.[0];
      if (list === undefined || /^delete-/.test(list.State ?? "")) return null;
      const { Entries = [] } = await client().send(new ec2.GetManagedPrefixListEntriesCommand({ PrefixListId: id }));
      const cidrs = inOrderOf(
        objects(before, "entries").map((entry) => entry.cidr ?? ""),
        Entries.flatMap(({ Cidr }) => Cidr ?? []),
      );
      const entries = cidrs.map((cidr) => {
        const description = Entries.find((entry) => entry.Cidr === cidr)?.Description;
        return { cidr, ...(description && { description }) };
      });
      return {
        ...tagProps(list.Tags),
        ...present({ name: list.PrefixListName, addressFamily: list.AddressFamily, maxEntries: list.MaxEntries }),
        entries,
        arn: arn(it, `prefix-list/${id}`),
        ownerId: ACCOUNT,
        version: list.Version ?? 1,
      };
    },
    update: async (id, old, news) => {
      const [before, after] = [entriesOf(old), entriesOf(news)];
      const has = (all: readonly { Cidr?: string | undefined }[], one: { Cidr?: string | undefined }) =>
        all.some(({ Cidr }) => Cidr === one.Cidr);
      await client().send(
        new ec2.ModifyManagedPrefixListCommand({
          PrefixListId: id,
          PrefixListName: text(news, "name"),
          AddEntries: after.filter((one) => !has(before, one)),
          RemoveEntries: before.filter((one) => !has(after, one)).map(({ Cidr }) => ({ Cidr })),
        }),
      );
      await updateTags(it, id, old, news);
    },
    delete: async (id) => void (await client().send(new ec2.DeleteManagedPrefixListCommand({ PrefixListId: id }))),
  };
}
