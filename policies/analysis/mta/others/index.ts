import type { Provenance, Reason } from "../../model/provenance";
import { allAddresses, isEmpty, subtract, unionAll } from "../../net/addr";
import { loopback } from "../../net/cover";
import type { HostMta, RelayAnswer } from "../answer";
import { UNNAMED } from "../carrier/signs";
import { trustWidth } from "../practice";
import { between } from "../sets";
import { exim } from "./exim";
import { haraka } from "./haraka";
import { openSmtpd } from "./opensmtpd";
import { sendmail } from "./sendmail";
import type { Installed, PlainSettings } from "./settings";

const readers: Readonly<Record<string, (installed: Installed) => PlainSettings>> = {
  Exim: exim,
  OpenSMTPD: openSmtpd,
  Sendmail: sendmail,
  Haraka: haraka,
};

/**
 * Mail servers other than Postfix: their plain settings that let clients relay are found. Everything else about them is
 * undetermined, so that none of them ever counts as closed.
 *
 * @param servers what the host's texts have to do with, by name
 * @param unread why what happens on the machine is not known as a whole
 */
export function evaluateOthers(
  servers: readonly string[],
  installed: Installed,
  unread: readonly Reason[],
  at: Provenance,
): HostMta {
  const named = servers.filter((server) => server !== UNNAMED);
  const rest: Reason = {
    text: `what configures the host has to do with ${(named.length === 0 ? servers : named).join(" and ")}, which is not evaluated as a whole`,
    at,
  };
  const answers = servers.flatMap((server) => {
    const reader = Object.hasOwn(readers, server) ? readers[server] : undefined;
    return reader === undefined ? [] : answersOf(server, reader(installed), unread, rest);
  });
  if (answers.length === 0) return { kind: "undetermined", why: [rest, ...unread], signs: true };
  return { kind: "known", answers, nextHops: [], unknownHops: [rest] };
}

function answersOf(server: string, settings: PlainSettings, unread: readonly Reason[], rest: Reason): RelayAnswer[] {
  const { relays, ports, loopbackOnly } = settings;
  // On loopback it is open for nobody outside, as far as that is all: which is not known.
  if (loopbackOnly || relays.every(({ clients, doubt }) => isEmpty(clients) && doubt === undefined)) return [];
  // What runs beside it may change a setting, or hide the file.
  const sure = unread.length === 0 ? relays.filter(({ doubt }) => doubt === undefined) : [];
  const trusts = sure.filter((setting) => setting.trusts);
  const trusted = unionAll(trusts.map(({ clients }) => clients));
  const must = unionAll(sure.map(({ clients }) => clients));
  const doubts = relays.flatMap(({ doubt, line }) =>
    doubt === undefined ? [] : [{ ...line, text: `${line.text}: ${doubt}` }],
  );
  const [line = { text: server }] = trusts.map((setting) => setting.line);
  const unlisted = between(
    unionAll(sure.filter((setting) => !setting.trusts).map(({ clients }) => clients)),
    allAddresses,
    doubts[0] ?? rest,
  );
  return ports.map((port) => ({
    port,
    loopbackOnly: false,
    relays: between(must, allAddresses, doubts[0] ?? rest),
    trace: relays.map((setting) => setting.line),
    practice: {
      unlisted,
      trust: trusts.length === 0 ? null : { members: between(trusted, trusted, rest), used: true, line },
      weaknesses: trustWidth(subtract(trusted, loopback), line, `the relay list of ${server}`),
    },
  }));
}
