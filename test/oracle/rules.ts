import { type Block, parseBlock } from "./address";
import { type Fields, idOf, known, number, objects, type Stock, text, texts } from "./read";
import type { AclEntry, GroupRule, Vpc } from "./resources";

export function readGroupRules(stock: Stock, vpcs: readonly Vpc[]): GroupRule[] {
  const rules: GroupRule[] = [];
  const blocksOf = (cidrs: readonly string[], lists: readonly string[]) => [
    ...cidrs.map(parseBlock),
    ...lists.flatMap((list) => listBlocks(stock, list)),
  ];
  for (const group of [...stock.named("SecurityGroup"), ...stock.named("DefaultSecurityGroup")])
    for (const direction of ["ingress", "egress"] as const)
      for (const item of objects(group.properties[direction]))
        rules.push({
          group: idOf(group),
          direction,
          protocol: known(item.protocol),
          from: number(item.fromPort),
          to: number(item.toPort),
          blocks: blocksOf([...texts(item.cidrBlocks), ...texts(item.ipv6CidrBlocks)], texts(item.prefixListIds)),
          groups: [...texts(item.securityGroups), ...(item.self === true ? [idOf(group)] : [])],
        });
  for (const { properties: p } of stock.named("SecurityGroupRule"))
    rules.push({
      group: known(p.securityGroupId),
      direction: known(p.type) as "ingress" | "egress",
      protocol: known(p.protocol),
      from: number(p.fromPort),
      to: number(p.toPort),
      blocks: blocksOf([...texts(p.cidrBlocks), ...texts(p.ipv6CidrBlocks)], texts(p.prefixListIds)),
      groups: [
        ...[text(p.sourceSecurityGroupId)].flatMap((id) => id ?? []),
        ...(p.self === true ? [known(p.securityGroupId)] : []),
      ],
    });
  for (const [name, direction] of [
    ["SecurityGroupIngressRule", "ingress"],
    ["SecurityGroupEgressRule", "egress"],
  ] as const)
    for (const { properties: p } of stock.named(name))
      rules.push({
        group: known(p.securityGroupId),
        direction,
        protocol: known(p.ipProtocol),
        from: number(p.fromPort),
        to: number(p.toPort),
        blocks: blocksOf(
          [text(p.cidrIpv4), text(p.cidrIpv6)].flatMap((cidr) => cidr ?? []),
          [text(p.prefixListId)].flatMap((list) => list ?? []),
        ),
        groups: [text(p.referencedSecurityGroupId)].flatMap((id) => id ?? []),
      });
  const adopted = new Set(stock.named("DefaultSecurityGroup").map(idOf));
  for (const { defaultGroup: group } of vpcs) {
    if (adopted.has(group)) continue;
    const rule = { group, protocol: "-1", from: null, to: null };
    rules.push({ ...rule, direction: "ingress", blocks: [], groups: [group] });
    rules.push({ ...rule, direction: "egress", blocks: [parseBlock("0.0.0.0/0"), parseBlock("::/0")], groups: [] });
  }
  return rules;
}

export function listBlocks(stock: Stock, list: string): Block[] {
  const inline = stock
    .named("ManagedPrefixList")
    .filter((item) => idOf(item) === list)
    .flatMap((item) => objects(item.properties.entries));
  const standalone = stock
    .named("ManagedPrefixListEntry")
    .map((item) => item.properties)
    .filter((entry) => text(entry.prefixListId) === list);
  return [...inline, ...standalone].map((entry) => parseBlock(known(entry.cidr)));
}

export function readAclEntries(stock: Stock, vpcs: readonly Vpc[]): AclEntry[] {
  const entries: AclEntry[] = [];
  const blocks = (p: Fields) =>
    [text(p.cidrBlock), text(p.ipv6CidrBlock)].flatMap((cidr) => (cidr === null ? [] : [parseBlock(cidr)]));
  const acls = [...stock.named("NetworkAcl"), ...stock.named("DefaultNetworkAcl")];
  for (const acl of acls)
    for (const egress of [false, true])
      for (const item of objects(acl.properties[egress ? "egress" : "ingress"]))
        entries.push({
          acl: idOf(acl),
          egress,
          number: number(item.ruleNo) ?? 0,
          allow: known(item.action).toLowerCase() === "allow",
          protocol: known(item.protocol),
          from: number(item.fromPort),
          to: number(item.toPort),
          blocks: blocks(item),
        });
  for (const { properties: p } of stock.named("NetworkAclRule"))
    entries.push({
      acl: known(p.networkAclId),
      egress: p.egress === true,
      number: number(p.ruleNumber) ?? 0,
      allow: known(p.ruleAction).toLowerCase() === "allow",
      protocol: known(p.protocol),
      from: number(p.fromPort),
      to: number(p.toPort),
      blocks: blocks(p),
    });
  const adopted = new Set(acls.map(idOf));
  for (const { defaultAcl: acl } of vpcs) {
    if (adopted.has(acl)) continue;
    const rule = { acl, allow: true, protocol: "-1", from: null, to: null };
    for (const egress of [false, true]) {
      entries.push({ ...rule, egress, number: 100, blocks: [parseBlock("0.0.0.0/0")] });
      entries.push({ ...rule, egress, number: 101, blocks: [parseBlock("::/0")] });
    }
  }
  return entries.sort((a, b) => a.number - b.number);
}
