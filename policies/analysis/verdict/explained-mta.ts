import { endpoints } from "../model/endpoints";
import { isEmpty, subtract } from "../net/addr";
import { toCidrs } from "../net/cidr";
import type { Flow } from "../reach/flows";
import { addressesText, configurationSteps } from "./describe";
import { hidingPools } from "./hiding";
import type { MailHost, Perimeter } from "./perimeter";
import { relayingOf, seenSources } from "./relay-paths";
import type { PathStep } from "./report";

/** What the MTA of a host would do with mail for strangers, from clients that arrive by one way. */
export interface ExplainedMta {
  /**
   * `relays` without authentication for every one of them, for `some` of them, or `refuses`; `no-listener`: its MTA does not listen on the
   * port; `none`: nothing in the stack configures an MTA there.
   */
  readonly answer: "relays" | "some" | "refuses" | "undetermined" | "no-listener" | "none";
  /** The address that the MTA sees, where that is not the client's own; null where it is. */
  readonly seen: string | null;
  /** The clients that it relays for, as far as they have addresses. */
  readonly relays: readonly string[];
  /** Those for which that is not known. */
  readonly undetermined: readonly string[];
  /** The lines of configuration that decide it. */
  readonly lines: readonly PathStep[];
}

export function mtaFor(perimeter: Perimeter, view: MailHost, port: number, flow: Flow): ExplainedMta {
  const relaying = relayingOf(view).filter((listener) => listener.port === port);
  const nothing = { seen: seenAs(perimeter, flow, false), relays: [], undetermined: [], lines: [] };
  if (relaying.length === 0) return { ...nothing, answer: view.mta.kind === "known" ? "no-listener" : "none" };
  const answers = relaying.map((listener) => ({
    listener,
    set: seenSources(perimeter, listener, flow, flow.endpoints),
  }));
  const must = answers.map(({ set }) => set.must).reduce(endpoints.union);
  const may = answers.map(({ set }) => set.may).reduce(endpoints.union);
  const all = endpoints.isEmpty(endpoints.subtract(flow.endpoints.must, must));
  return {
    answer: all ? "relays" : !endpoints.isEmpty(must) ? "some" : endpoints.isEmpty(may) ? "refuses" : "undetermined",
    seen: seenAs(
      perimeter,
      flow,
      relaying.every((listener) => listener.expectsProxyHeader),
    ),
    relays: toCidrs(must.addr),
    undetermined: toCidrs(isEmpty(may.addr) ? may.addr : subtract(may.addr, must.addr)),
    lines: configurationSteps(
      view,
      answers.flatMap(({ listener }) => listener.trace),
      view.host.carriers.some((carrier) => carrier.secret),
    ).slice(1),
  };
}

function seenAs(perimeter: Perimeter, flow: Flow, expectsHeader: boolean): string | null {
  const { seen, proxyHeader } = flow.path;
  if (seen.kind === "client" || (proxyHeader && expectsHeader)) return null;
  if (seen.kind === "claimed") return "any address";
  return hidingPools(perimeter, flow).map(addressesText).join(" or ");
}
