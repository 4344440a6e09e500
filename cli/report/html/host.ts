import type { Evidence, ExposureRow, MtaListener } from "../../../policies/analysis/verdict/report";
import { abbreviate } from "../layout";
import { roleText } from "../mermaid";
import type { Names } from "../names";
import type { MapHost } from "../perimeter-map";
import { h, type Markup } from "./markup";
import { pathList } from "./path";
import { exposes, markNames } from "./picture";

const PREFIXES = 12;

/** A host, what it exposes, and the rules and configuration lines behind that. */
export function hostDetails(host: MapHost, id: string, names: Names, findingIds: ReadonlyMap<unknown, string>): Markup {
  const { row, mark, findings } = host;
  const place = row.location === undefined ? null : h("code", {}, `${row.location.file}:${row.location.line}`);
  return h(
    "details",
    {
      class: "host",
      "data-words": `${host.name} ${roleText(host)} ${row.addresses.join(" ")} ${host.urn}`.toLowerCase(),
      "data-found": mark === "allowed" ? "no" : "yes",
    },
    h(
      "summary",
      {},
      h("span", { class: "name" }, names.typed(host.urn)),
      ` · ${roleText(host)} · ${exposes(host)} `,
      mark === "allowed" ? null : h("span", { class: `tag ${mark}` }, markNames[mark]),
    ),
    h(
      "div",
      { id },
      h(
        "dl",
        {},
        ...pair("Address", row.addresses.length === 0 ? "not known yet" : row.addresses.join(", ")),
        ...(row.role === "front-end" ? pair("Declared ports", row.ports.join(", ")) : []),
        ...pair("Can send", egressText(row.egress)),
        ...(row.sendsAs.length === 0 ? [] : pair("Sends as", row.sendsAs.join(", "))),
        ...(place === null ? [] : pair("Declared in", place)),
        ...pair("Resource", h("code", {}, host.urn)),
      ),
      findings.length === 0
        ? null
        : [
            h("h3", {}, "Findings"),
            h(
              "ul",
              {},
              ...findings.map((finding) =>
                h(
                  "li",
                  {},
                  h("a", { href: `#${findingIds.get(finding) ?? ""}` }, finding.policy),
                  `: ${finding.message}`,
                ),
              ),
            ),
          ],
      h("h3", {}, "Who can connect"),
      host.exposure.length === 0
        ? h("p", {}, "Nobody: nothing outside the host reaches it on an SMTP port.")
        : host.exposure.map((one) => port(one, names)),
      mta(host, names),
      h("p", { class: "back" }, h("a", { href: "#perimeter" }, "Back to the picture")),
    ),
  );
}

function pair(term: string, value: string | Markup): Markup[] {
  return [h("dt", {}, term), h("dd", {}, value)];
}

function egressText(egress: MapHost["row"]["egress"]): string {
  return {
    open: "yes: it can open port 25 to the Internet",
    undetermined: "undetermined: whether it can open port 25 to the Internet is not known",
    closed: "no: it cannot open port 25 to the Internet",
  }[egress];
}

function port(row: ExposureRow, names: Names): Markup[] {
  const list = (sources: readonly string[]) =>
    abbreviate(
      sources.map((source) => sourceText(source, names)),
      PREFIXES,
    );
  return [
    h("h4", {}, `Port ${row.port}`),
    h(
      "dl",
      {},
      ...(row.internet.length > 0 ? pair("from the Internet", list(row.internet)) : []),
      ...(row.internal.length > 0 ? pair("from inside", list(row.internal)) : []),
      ...row.undetermined.flatMap(({ side, sources, reason, at }) =>
        pair(
          "undetermined",
          `${side}: ${list(sources)}, because ${reason}${at === null ? "" : ` (${evidencePlace(at, names)})`}`,
        ),
      ),
    ),
    ...row.paths.map(({ side, certain, path }) =>
      h(
        "details",
        { class: "way", open: true },
        h(
          "summary",
          {},
          `The rules that let port ${row.port} be reached from ${side === "internet" ? "the Internet" : "inside"}${certain ? "" : ", if anything does"}`,
        ),
        h("div", {}, pathList(path, names)),
      ),
    ),
  ];
}

export function sourceText(source: string, names: Names): string {
  return source.startsWith("urn:") ? names.typed(source) : source;
}

function mta({ row }: MapHost, names: Names): Markup[] {
  const { state, listeners, reasons } = row.mta;
  const title = h("h3", {}, "Mail server");
  if (state === "none") return [title, h("p", {}, "Nothing in the stack configures an MTA on it.")];
  return [
    title,
    ...(state === "undetermined" ? [h("p", {}, "For whom its MTA relays is not known.")] : []),
    ...listeners.map((listener) => listenerDetails(listener, row.resource, names)),
    reasons.length === 0 ? h("span") : h("ul", {}, ...reasons.map((reason) => evidence(reason, row.resource, names))),
  ];
}

function listenerDetails(listener: MtaListener, host: string, names: Names): Markup {
  const { port: number, loopbackOnly, relays, undetermined, lines } = listener;
  const whom = relays.length === 0 ? "nobody" : abbreviate(relays, PREFIXES);
  const maybe = undetermined.length === 0 ? "" : `; perhaps for ${abbreviate(undetermined, PREFIXES)}`;
  return h(
    "div",
    {},
    h(
      "p",
      {},
      `Port ${number}${loopbackOnly ? " (loopback only)" : ""} relays to anybody, without authentication, for: `,
      h("strong", {}, `${whom}${maybe}`),
    ),
    h("ul", {}, ...lines.map((line) => evidence(line, host, names))),
  );
}

/** A line of configuration, and where it stands; the host itself is not named again. */
function evidence({ text, at }: Evidence, host: string, names: Names): Markup {
  const place = at === null ? "" : at.startsWith(`${host} `) ? at.slice(host.length + 1) : evidencePlace(at, names);
  return h("li", {}, h("code", {}, text), place === "" ? null : h("span", { class: "soft" }, ` ${place}`));
}

/** `<urn> <property path>`, with the name in place of the URN. */
function evidencePlace(at: string, names: Names): string {
  const [, urn = "", path = ""] = /^(urn:\S+)(?: (.*))?$/s.exec(at) ?? [];
  return urn === "" ? at : `${names.typed(urn)}${path === "" ? "" : ` ${path}`}`;
}
