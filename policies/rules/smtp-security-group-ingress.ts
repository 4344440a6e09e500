import { lower } from "../analysis/lower";
import { Resources } from "../analysis/lower/resources";
import { field, text } from "../analysis/lower/values";
import type { SecurityGroup } from "../analysis/model/network";
import { Role, type Settings } from "../analysis/model/settings";
import type { ResourceSnapshot } from "../analysis/model/snapshot";
import { type AddrSet, isEmpty, noAddresses, subtract, union, unionAll } from "../analysis/net/addr";
import { cover, DONT_CARE } from "../analysis/net/cover";
import { formatPorts, type PortSet, ports } from "../analysis/net/ports";
import * as ranges from "../analysis/net/ranges";
import { SMTP_PORTS } from "../analysis/reach/flows";
import { listing, reasons } from "../analysis/verdict/describe";
import type { PolicyFinding } from "../analysis/verdict/report";
import { component, ROLE_TAG } from "../analysis/verdict/roles";
import type { Policy } from "../policy";

const name = "smtp-security-group-ingress";

/** Sees one rule at a time, before it is created: `pulumi up` without a preview is stopped here at the latest. */
export const smtpSecurityGroupIngress: Policy = {
  name,
  severity: "high",
  enforcement: "advisory",
  description: "A security group other than a front end's should not open an SMTP port to public addresses.",
  rationale:
    "A rule that opens SMTP wide is harmless only until somebody attaches its group to a machine that answers.",
  remediation:
    "1. Name the servers that need the port by address or group.\n" +
    "2. If the group is the front end's, tag it relayproof:role=front-end.",
  frameworks: [
    {
      name: "RFC 2505 (BCP 30)",
      reference: "2.1",
      specification: "MTAs must be able to restrict unauthorised use as a mail relay.",
    },
  ],
  check(perimeter) {
    return judge(perimeter.index, perimeter.network.securityGroups, perimeter.settings);
  },
};

/** Judges one resource alone, as a resource policy sees it: the group that a standalone rule belongs to is not visible. */
export function checkResource(resource: ResourceSnapshot, settings: Settings): readonly PolicyFinding[] {
  const resources = new Resources([resource]);
  return judge(resources, lower(resources).securityGroups, settings);
}

function judge(resources: Resources, groups: readonly SecurityGroup[], settings: Settings): readonly PolicyFinding[] {
  const excused = unionAll([
    DONT_CARE,
    settings.approvedSendersFor(name) ?? noAddresses,
    settings.trustedNetworksFor(name),
  ]);
  return groups
    .filter((group) => group.resource?.external !== true && !isFrontEnds(resources, group))
    .flatMap((group) =>
      group.rules
        .filter((rule) => resources.get(rule.at.urn) !== undefined)
        .flatMap((rule) => wide(resources, group, rule, excused)),
    );
}

function isFrontEnds(resources: Resources, group: SecurityGroup): boolean {
  if (group.resource === null) return false;
  if (text(field(group.resource.properties.tags, ROLE_TAG)) === Role.FrontEnd) return true;
  return component(resources, group.resource)?.role === Role.FrontEnd;
}

const smtp: PortSet = SMTP_PORTS.reduce<PortSet>((set, port) => ranges.union(set, ports(port)), []);

function wide(
  resources: Resources,
  group: SecurityGroup,
  rule: SecurityGroup["rules"][number],
  excused: AddrSet,
): PolicyFinding[] {
  const open = ranges.intersect(rule.ports, smtp);
  if (rule.direction !== "ingress" || rule.protocol === "udp" || open.length === 0) return [];
  const sets = rule.peers.flatMap((peer) => (peer.kind === "addresses" ? [peer.set] : []));
  const must: AddrSet = rule.doubt === null ? subtract(unionAll(sets.map((set) => set.must)), excused) : noAddresses;
  const may = subtract(unionAll(sets.map((set) => set.may)), excused);
  if (isEmpty(may)) return [];
  const certain = !isEmpty(must);
  const resource = resources.get(rule.at.urn);
  const where =
    rule.at.path === undefined || rule.at.path === ""
      ? (resource?.name ?? rule.at.urn)
      : `${resource?.name ?? rule.at.urn} ${rule.at.path}`;
  const shown = listing(cover(union(certain ? must : may, noAddresses), DONT_CARE));
  const why = [...(rule.doubt === null ? [] : [rule.doubt]), ...sets.flatMap((set) => set.why)];
  const owner = group.resource === null ? "" : ` of security group ${group.name}`;
  return [
    {
      outcome: certain ? "violation" : "undetermined",
      resource: rule.at.urn,
      message: certain
        ? `The rule ${where}${owner} opens SMTP (tcp ${formatPorts(open)}) to ${shown}.`
        : `Whether the rule ${where}${owner} opens SMTP (tcp ${formatPorts(open)}) to public addresses cannot be decided: ${reasons(why)}.`,
      remediation: `Admit tcp ${formatPorts(open)} from named servers only.`,
    },
  ];
}
