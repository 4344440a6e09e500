import type { Reason } from "../analysis/model/provenance";
import type { ExchangeView } from "../analysis/mta/answer";
import { holds, knownValue } from "../analysis/mta/exchange/attributes";
import { type Connector, shownName } from "../analysis/mta/exchange/connector";
import { addressesOf } from "../analysis/mta/exchange/ranges";
import { allV4, allV6, isSubset } from "../analysis/net/addr";
import { configurationSteps, listing } from "../analysis/verdict/describe";
import type { MailHost } from "../analysis/verdict/perimeter";
import type { PolicyFinding } from "../analysis/verdict/report";
import type { Policy } from "../policy";

/** What makes abuse of a connector cheap, or invisible afterwards. What setup made is judged only where it was changed. */
export const exchangeConnectorHygiene: Policy = {
  name: "exchange-connector-hygiene",
  severity: "medium",
  description:
    "A receive connector of Exchange should write a protocol log, slow down whoever guesses, take passwords over TLS only, and serve the addresses that it is for.",
  rationale:
    "Without a protocol log nobody can tell afterwards who sent the spam; without a tarpit addresses and passwords are guessed at full " +
    "speed; Basic authentication in clear gives the password away.",
  remediation:
    "Set-ReceiveConnector … -ProtocolLoggingLevel Verbose -TarpitInterval 00:00:05, BasicAuthRequireTLS beside BasicAuth, and RemoteIPRanges " +
    "for the servers that the connector is for.",
  frameworks: [
    {
      name: "DISA STIG Exchange 2019",
      reference: "V-259621",
      specification: "The tarpit interval must be at least 5 seconds.",
    },
    {
      name: "DISA STIG Exchange 2019",
      reference: "V-259595",
      specification: "Basic authentication must be offered after TLS only.",
    },
    { name: "CIS Exchange Server", reference: "5.18", specification: "Restrict the IP ranges of receive connectors." },
  ],
  check(perimeter) {
    return perimeter.hosts.flatMap((view) => {
      const exchange = view.mta.kind === "known" ? view.mta.exchange : undefined;
      return exchange === undefined ? [] : weaknesses.flatMap((weakness) => judge(view, exchange, weakness));
    });
  },
};

type Answer = "yes" | "no" | "maybe";

interface Weakness {
  readonly holds: (connector: Connector) => Answer;
  /** Property whose command is to blame. */
  readonly property: string;
  readonly text: (names: string) => string;
  readonly remediation: string;
}

const weaknesses: readonly Weakness[] = [
  {
    property: "logging",
    holds: (it) => known(it, "logging", knownValue(it.logging), (value) => /^none$/i.test(value)),
    text: (names) => `${names} without a protocol log`,
    remediation: "Set-ReceiveConnector … -ProtocolLoggingLevel Verbose",
  },
  {
    property: "tarpit",
    holds: (it) => known(it, "tarpit", knownValue(it.tarpit), (value) => /^[0:.]*$/.test(value)),
    text: (names) => `${names} without a tarpit: refusals cost nothing`,
    remediation: "Set-ReceiveConnector … -TarpitInterval 00:00:05",
  },
  {
    property: "auth",
    holds: (it) => {
      if (!isJudged(it, "auth") || knownValue(it.requireTls) === true) return "no";
      const [basic, tls] = [holds(it.auth, "BasicAuth"), holds(it.auth, "BasicAuthRequireTLS")];
      if (basic === "no" || tls === "yes") return "no";
      return basic === "yes" && tls === "no" ? "yes" : "maybe";
    },
    text: (names) => `${names} with Basic authentication in clear`,
    remediation: "Set-ReceiveConnector … -AuthMechanism Tls,BasicAuth,BasicAuthRequireTLS",
  },
  {
    property: "ranges",
    holds: (it) => {
      if (it.builtIn || it.foreign) return "no";
      const { must } = addressesOf(it.ranges);
      return isSubset(allV4, must) || isSubset(allV6, must) ? "yes" : "no";
    },
    text: (names) => `${names} open to every address`,
    remediation: "Set-ReceiveConnector … -RemoteIPRanges, with the servers that the connector is for",
  },
];

/** What setup made, or somebody before, is judged only in what the scripts set. */
function isJudged(connector: Connector, property: string): boolean {
  if ("value" in connector.enabled && !connector.enabled.value) return false;
  return connector.set[property] !== undefined || (!connector.builtIn && !connector.foreign);
}

function known(
  connector: Connector,
  property: string,
  value: string | undefined,
  bad: (value: string) => boolean,
): Answer {
  if (!isJudged(connector, property)) return "no";
  return value === undefined ? "maybe" : bad(value) ? "yes" : "no";
}

function judge(view: MailHost, exchange: ExchangeView, weakness: Weakness): PolicyFinding[] {
  const answers = exchange.connectors.map((connector) => ({ connector, answer: weakness.holds(connector) }));
  const sure = answers.filter(({ connector, answer }) => answer === "yes" && connector.certain);
  const open = answers.filter(
    ({ connector, answer }) => answer === "maybe" || (answer === "yes" && !connector.certain),
  );
  return [...describe(view, exchange, weakness, sure, true), ...describe(view, exchange, weakness, open, false)];
}

function describe(
  view: MailHost,
  { secret }: ExchangeView,
  { text, property, remediation }: Weakness,
  found: readonly { connector: Connector }[],
  certain: boolean,
): PolicyFinding[] {
  if (found.length === 0) return [];
  const names = secret
    ? `${found.length} receive connector${found.length === 1 ? "" : "s"}`
    : `the receive connector${found.length === 1 ? "" : "s"} ${listing(found.map(({ connector }) => JSON.stringify(shownName(connector.name))))}`;
  const lines = found.map(({ connector }): Reason => connector.set[property] ?? { text: names, at: connector.at });
  return [
    {
      outcome: certain ? "violation" : "undetermined",
      resource: view.urn,
      message: certain
        ? `${view.name} has ${text(names)}.`
        : `Whether ${view.name} has ${text(names)} cannot be decided.`,
      remediation: `${remediation}.`,
      path: configurationSteps(view, lines, secret),
    },
  ];
}
