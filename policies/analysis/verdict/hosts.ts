import { Role } from "../model/settings";
import { isEmpty, subtract, unionAll } from "../net/addr";
import { toCidrs } from "../net/cidr";
import { DONT_CARE } from "../net/cover";
import { place } from "./exposure";
import type { MailHost, Perimeter } from "./perimeter";
import type { EgressAnswer, HostRow, MtaState } from "./report";

/** What a report says of a host beside its exposure: the part it plays, for whom its MTA relays, and whether it can send. */
export function hostRow(perimeter: Perimeter, view: MailHost): HostRow {
  const { role, declared, self, urn } = view;
  return {
    resource: urn,
    role,
    ports: role === Role.FrontEnd ? declared.ports : [],
    addresses: toCidrs(self.addr).map((prefix) => prefix.replace(/\/(32|128)$/, "")),
    mta: mtaOf(view),
    ...egressTo25(perimeter, view),
  };
}

function mtaOf({ mta }: MailHost): MtaState {
  if (mta.kind === "none") return { state: "none", listeners: [], reasons: [] };
  if (mta.kind === "undetermined") return { state: "undetermined", listeners: [], reasons: mta.why.map(spell) };
  return {
    state: "known",
    listeners: mta.answers.map((answer) => ({
      port: answer.port,
      loopbackOnly: answer.loopbackOnly,
      relays: toCidrs(answer.relays.must),
      undetermined: toCidrs(subtract(answer.relays.may, answer.relays.must)),
      lines: answer.trace.map(spell),
    })),
    reasons: (mta.unknownHops ?? []).map(spell),
  };
}

export function spell(reason: Parameters<typeof place>[0]): MtaState["reasons"][number] {
  return { text: reason.text, at: place(reason) };
}

/** Whether the host can open port 25 of some mail server of the Internet, and as which addresses. */
function egressTo25({ flows }: Perimeter, view: MailHost): { egress: EgressAnswer; sendsAs: readonly string[] } {
  const own = unionAll([DONT_CARE, view.self.space]);
  const open = flows
    .outbound(view.host, 25)
    .filter((flow) => flow.path.zone.kind === "internet" && !isEmpty(subtract(flow.endpoints.may.addr, own)));
  const certain = open.some((flow) => !isEmpty(subtract(flow.endpoints.must.addr, own)));
  const names = open.flatMap((flow) =>
    flow.path.hops.flatMap((hop) => (hop.kind === "device" ? (hop.sendsAs ?? []) : [])),
  );
  return {
    egress: certain ? "open" : open.length > 0 ? "undetermined" : "closed",
    sendsAs: [...new Set(names)].sort(),
  };
}
