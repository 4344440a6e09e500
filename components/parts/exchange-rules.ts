import type * as pulumi from "@pulumi/pulumi";
import { nameOf } from "../args";
import { everything, type GroupRule, host, members, rangeOf, tcp } from "./group-rules";
import type { ApprovedSender } from "./senders";
import { type Flow, flowName } from "./shared";

/** What the rules of the Exchange servers follow from. */
export interface ExchangeRuleSettings {
  readonly frontEnds: readonly pulumi.Input<string>[];
  readonly approvedSenders: readonly ApprovedSender[];
  readonly clientAccess: readonly Flow[];
  readonly egress: readonly Flow[];
}

/** Flows of every Exchange server. */
export function serverRules(it: ExchangeRuleSettings): GroupRule[] {
  return [...amongServers, ...frontEndFlows(it), ...senderFlows(it), ...otherFlows(it)];
}

/** Flows of the servers that clients connect to. */
export function clientRules(it: ExchangeRuleSettings): GroupRule[] {
  return it.clientAccess.map((flow) => ({
    key: `in-${flowName(flow)}`,
    direction: "in",
    peer: flow.cidr,
    range: rangeOf(flow),
    reason: flow.reason,
  }));
}

/** Microsoft supports no filter between Exchange servers, on any port. */
const amongServers: readonly GroupRule[] = [
  {
    key: "in-exchange",
    direction: "in",
    peer: members,
    range: everything,
    reason: "Everything from other Exchange servers",
  },
  {
    key: "out-exchange",
    direction: "out",
    peer: members,
    range: everything,
    reason: "Everything to other Exchange servers",
  },
];

function frontEndFlows(it: ExchangeRuleSettings): GroupRule[] {
  return it.frontEnds.flatMap((frontEnd, i): GroupRule[] => {
    const place = nameOf(frontEnd, i);
    const common = { peer: host(frontEnd), range: tcp(25) };
    return [
      { ...common, key: `in-25-front-end-${place}`, direction: "in", reason: "Inbound mail from a front end" },
      { ...common, key: `out-25-front-end-${place}`, direction: "out", reason: "Outbound mail to a front end" },
    ];
  });
}

/** R7: everybody who is not listed is refused. */
function senderFlows(it: ExchangeRuleSettings): GroupRule[] {
  return it.approvedSenders.flatMap(({ cidr, ports, reason }, i) =>
    ports.map((port): GroupRule => {
      return { key: `in-${port}-sender-${nameOf(cidr, i)}`, direction: "in", peer: cidr, range: tcp(port), reason };
    }),
  );
}

function otherFlows(it: ExchangeRuleSettings): GroupRule[] {
  return it.egress.map((flow) => ({
    key: `out-${flowName(flow)}`,
    direction: "out",
    peer: flow.cidr,
    range: rangeOf(flow),
    reason: flow.reason,
  }));
}
