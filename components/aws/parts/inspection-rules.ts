import type * as pulumi from "@pulumi/pulumi";
import { whenKnown } from "../../args";
import { type InternetRule, type InternetRuleSettings, internetRules } from "../../parts/front-end-rules";
import { host } from "../../parts/group-rules";

/**
 * Rules of AWS Network Firewall in the Suricata language: the flows that the front ends' security groups have with the Internet, and
 * no other. The policy tries them in the order in which they are written, and drops what none passes.
 */
export interface InspectionRules {
  readonly inbound: RuleText;
  readonly outbound: RuleText;
}

export interface RuleText {
  /** One rule a line. */
  readonly rules: pulumi.Input<string>;
  /** What `$NAME` stands for in the rules. */
  readonly variables: Readonly<Record<string, readonly pulumi.Input<string>[]>>;
}

export interface InspectionSettings extends InternetRuleSettings {
  readonly frontEnds: readonly pulumi.Input<string>[];
}

/** Rules of its own that a firewall has room for in each direction; changing it replaces the rule group. */
export const capacity = 100;

export function inspectionRules(it: InspectionSettings): InspectionRules {
  const rules = internetRules(it);
  const variables = { FRONT_ENDS: it.frontEnds.map(host) };
  const inbound = rules.filter(({ direction }) => direction === "in");
  const outbound = rules.filter(({ direction }) => direction === "out");
  return {
    inbound: text(inbound, 1_000_001, variables),
    outbound: text(outbound, 2_000_001, { ...variables, INTERNET: it.internet.blocks }),
  };
}

function text(rules: readonly InternetRule[], firstSid: number, variables: RuleText["variables"]): RuleText {
  const lines = rules.map((rule, i) => line(rule, firstSid + i));
  return { rules: whenKnown<string[], string>(lines as string[], (known) => known.join("\n")), variables };
}

/** Without `flow` a rule passes the handshake too, which `aws:drop_strict` would drop otherwise. */
function line({ direction, peer, range, reason }: InternetRule, sid: number): pulumi.Input<string> {
  const rest = `${range.from} (msg:"${reason}"; sid:${sid}; rev:1;)`;
  if (direction === "out") return `pass ${range.protocol} $FRONT_ENDS any -> $INTERNET ${rest}`;
  const write = (source: string) => `pass tcp ${source} any -> $FRONT_ENDS ${rest}`;
  return whenKnown(peer as pulumi.Input<string>, write);
}
