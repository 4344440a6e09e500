import type * as pulumi from "@pulumi/pulumi";
import { nameOf } from "../args";
import { Outbound, Resolver } from "../render";
import { type GroupRule, host, type PortRange, type PrefixList, tcp, udp } from "./group-rules";
import { publicDestinations } from "./network-plan";
import { Exposure } from "./shared";

/** What the flows between front ends and the Internet follow from. */
export interface InternetRuleSettings {
  readonly exposure: Exposure;
  readonly ports: readonly number[];
  readonly probeSources: readonly pulumi.Input<string>[];
  readonly outbound: Outbound;
  /** Port of the smart host; undefined where mail goes to the recipients' own servers. */
  readonly smartHostPort: number | undefined;
  readonly resolver: Resolver;
  /** What a front end may open on the Internet. */
  readonly internet: PrefixList;
}

/** What the rules of a front end follow from. */
export interface FrontEndRuleSettings extends InternetRuleSettings {
  readonly exchangeServers: readonly pulumi.Input<string>[];
}

/** A flow between a front end and the Internet. */
export interface InternetRule extends GroupRule {
  readonly peer: pulumi.Input<string> | PrefixList;
  readonly range: PortRange;
  readonly reason: string;
}

/** All flows between a front end and the Internet. */
export function internetRules(it: InternetRuleSettings): InternetRule[] {
  return [...mailIn(it), ...mailOut(it), ...updateRules(it), ...nameRules(it)];
}

/** Flows of mail. Exposure decides the first, and nothing else. */
export function mailRules(it: FrontEndRuleSettings): GroupRule[] {
  return [...mailIn(it), ...exchangeIn(it), ...mailOut(it), ...exchangeOut(it)];
}

/** Flows of maintenance, by themselves: on AWS they are a group of their own, because a prefix list fills one. */
export function updateRules(it: InternetRuleSettings): InternetRule[] {
  const reason = "Package updates over https";
  return [{ key: "out-443-internet", direction: "out", peer: it.internet, range: tcp(443), reason }];
}

/** R2, R4: mail from the Internet, or from the probes that establish that nothing is relayed. */
function mailIn(it: InternetRuleSettings): InternetRule[] {
  return it.ports.flatMap((port): InternetRule[] => {
    const common = { direction: "in", range: tcp(port) } as const;
    if (it.exposure === Exposure.Live) {
      const reason = `SMTP on ${port} from other mail servers on the Internet`;
      return [{ ...common, key: `in-${port}-internet`, peer: "0.0.0.0/0", reason }];
    }
    const reason = `SMTP on ${port} from a probe, before going live`;
    return it.probeSources.map((peer, i) => ({ ...common, key: `in-${port}-probe-${nameOf(peer, i)}`, peer, reason }));
  });
}

function exchangeIn(it: FrontEndRuleSettings): GroupRule[] {
  return it.exchangeServers.map((server, i) => ({
    key: `in-25-exchange-${nameOf(server, i)}`,
    direction: "in",
    peer: host(server),
    range: tcp(25),
    reason: "Outbound mail of an Exchange server",
  }));
}

/**
 * R8: held, no mail leaves. Private space is no part of it, so that a front end that is taken over finds nothing inside.
 */
function mailOut(it: InternetRuleSettings): InternetRule[] {
  if (it.outbound === Outbound.Held) return [];
  const port = it.smartHostPort ?? 25;
  const reason = it.smartHostPort === undefined ? "Mail to the mail servers of others" : "Mail to the smart host";
  return [{ key: `out-${port}-internet`, direction: "out", peer: it.internet, range: tcp(port), reason }];
}

/** Names that the front end resolves itself: block lists and DANE need it. */
export function nameRules(it: InternetRuleSettings): InternetRule[] {
  if (it.resolver !== Resolver.Own) return [];
  const common = { direction: "out", peer: it.internet } as const;
  return [
    { ...common, key: "out-udp-53-internet", range: udp(53), reason: "Names, from the root on" },
    { ...common, key: "out-tcp-53-internet", range: tcp(53), reason: "Names whose answers are long" },
  ];
}

function exchangeOut(it: FrontEndRuleSettings): GroupRule[] {
  return it.exchangeServers.map((server, i) => ({
    key: `out-25-exchange-${nameOf(server, i)}`,
    direction: "out",
    peer: host(server),
    range: tcp(25),
    reason: "Inbound mail to an Exchange server",
  }));
}

/** What a front end may open on the Internet. */
export function planInternet(inside: readonly string[]): PrefixList {
  return { blocks: publicDestinations(inside) };
}
