import { createHash } from "node:crypto";
import type { Finding, Report } from "../../../policies/analysis/verdict/report";
import { waiverNotices, waiverText } from "../../../policies/waivers";
import { abbreviate, count } from "../layout";
import { byUrgency, isDecisive, type Mark, markOf, marks } from "../marks";
import { type Names, namesOf } from "../names";
import { type PerimeterMap, perimeterMap } from "../perimeter-map";
import { tally } from "../pretty";
import { goneLines } from "../sections";
import { hostDetails, sourceText } from "./host";
import { h, type Markup } from "./markup";
import { pathList } from "./path";
import { linkText, markNames, pictures } from "./picture";
import { SCRIPT } from "./script";
import { STYLE } from "./style";

/** Findings that the page says at the top, and that it unfolds. */
const HEADLINES = 5;

/**
 * The report as one page that needs nothing else: no request leaves it, and its content security policy allows no other style or
 * script than its own. All of it can be read without the script.
 */
export function renderHtml(report: Report): string {
  const names = namesOf(report);
  const map = perimeterMap(report);
  const anchors = new Map(map.hosts.map((host, i) => [host.urn, `host-${i + 1}`]));
  const findingIds = new Map<unknown, string>(report.findings.map((finding, i) => [finding, `finding-${i + 1}`]));
  const title = `${report.verdict.toUpperCase()}: ${report.stack}, relayproof`;
  const page = h(
    "html",
    { lang: "en" },
    h(
      "head",
      {},
      h("meta", { charset: "utf-8" }),
      h("meta", { "http-equiv": "Content-Security-Policy", content: policy() }),
      h("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }),
      h("meta", { name: "referrer", content: "no-referrer" }),
      h("meta", { name: "color-scheme", content: "light dark" }),
      // Without an icon of its own a browser asks the server for one.
      h("link", { rel: "icon", href: "data:," }),
      h("title", {}, title),
      { html: `<style>${STYLE}</style>` },
    ),
    h(
      "body",
      {},
      h("a", { class: "skip", href: "#findings" }, "Skip to the findings"),
      head(report, findingIds),
      h(
        "main",
        {},
        perimeter(map, anchors, names),
        findings(report, names, findingIds, anchors),
        h(
          "section",
          { "aria-labelledby": "hosts" },
          h("h2", { id: "hosts" }, `Hosts (${map.hosts.length})`),
          map.hosts.length === 0 ? h("p", {}, "The stack has no hosts.") : filter(),
          map.hosts.map((host) => hostDetails(host, anchors.get(host.urn) ?? "", names, findingIds)),
        ),
        waivers(report),
        gone(report, names),
        policies(report),
        coverage(report, names),
      ),
      h("footer", {}, h("p", {}, "Written by relayproof. The JSON report of the same run holds every list in full.")),
      { html: `<script>${SCRIPT}</script>` },
    ),
  );
  return `<!doctype html>\n${page.html}\n`;
}

function policy(): string {
  const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  return [
    "default-src 'none'",
    `style-src ${hash(STYLE)}`,
    `script-src ${hash(SCRIPT)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** What is open, in five seconds. */
function head(report: Report, findingIds: ReadonlyMap<unknown, string>): Markup {
  const decisive = byUrgency(report.findings).filter(isDecisive);
  const rest = decisive.length - HEADLINES;
  const notices = waiverNotices(report.waivers).length;
  return h(
    "header",
    {},
    h("h1", {}, h("span", { class: `verdict ${report.verdict}` }, report.verdict), report.stack),
    h("p", {}, `${tally(report.findings)}.`),
    decisive.length === 0
      ? h(
          "p",
          {},
          "No mandatory finding: nobody was found who can relay mail, or reach a mail server, without being meant to.",
        )
      : h(
          "ul",
          { class: "headlines" },
          ...decisive
            .slice(0, HEADLINES)
            .map((finding) =>
              h(
                "li",
                {},
                h("span", { class: `tag ${markOf(finding)}` }, markNames[markOf(finding)]),
                " ",
                h("a", { href: `#${findingIds.get(finding) ?? ""}` }, finding.message),
              ),
            ),
          rest > 0 ? h("li", {}, h("a", { href: "#findings" }, `and ${rest} more`)) : null,
        ),
    notices === 0
      ? null
      : h("p", {}, h("a", { href: "#waivers" }, `${count(notices, "waiver needs", "waivers need")} attention.`)),
  );
}

const strokes: Readonly<Record<Mark, string>> = {
  open: "━ thick:",
  undetermined: "╌ dashed:",
  advice: "─",
  waived: "┈ dotted:",
  known: "┈ dotted:",
  allowed: "─",
};

function perimeter(map: PerimeterMap, anchors: ReadonlyMap<string, string>, names: Names): Markup {
  const end = (id: string) =>
    ({ internet: "the Internet", outbound: "mail servers of the Internet", inside: "the private network" })[id] ??
    names.short(id);
  const known = [...map.hosts, ...map.links].some(({ mark }) => mark === "known");
  const shown = marks.filter((mark) => mark !== "known" || known);
  const legend = shown.flatMap((mark) => [h("span", { class: mark }, `${strokes[mark]} ${markNames[mark]}`), " "]);
  return h(
    "section",
    { "aria-labelledby": "perimeter" },
    h("h2", { id: "perimeter" }, "Perimeter"),
    h("figure", {}, pictures(map, anchors), h("figcaption", {}, ...legend, "Choose a host for the rules behind it.")),
    h(
      "details",
      {},
      h("summary", {}, `The connections as a list (${map.links.length})`),
      h(
        "div",
        { class: "scroll", tabindex: 0, role: "region", "aria-label": "Connections" },
        h(
          "table",
          {},
          h(
            "thead",
            {},
            h("tr", {}, ...["from", "to", "port", "state"].map((text) => h("th", { scope: "col" }, text))),
          ),
          h(
            "tbody",
            {},
            ...map.links.map((link) =>
              h(
                "tr",
                {},
                h("td", {}, end(link.from)),
                h("td", {}, end(link.to)),
                h("td", {}, link.ports.join(", ")),
                h("td", { class: link.mark }, linkText({ ...link, ports: [] }) || markNames[link.mark]),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

function findings(
  report: Report,
  names: Names,
  findingIds: ReadonlyMap<unknown, string>,
  anchors: ReadonlyMap<string, string>,
): Markup {
  return h(
    "section",
    { "aria-labelledby": "findings" },
    h("h2", { id: "findings" }, `Findings (${report.findings.length})`),
    report.findings.length === 0 ? h("p", {}, "None.") : null,
    byUrgency(report.findings).map((finding, i) => {
      const unfold = i < HEADLINES && markOf(finding) === "open";
      return findingDetails(
        finding,
        findingIds.get(finding) ?? "",
        unfold,
        names,
        anchors.get(finding.resource) ?? null,
      );
    }),
  );
}

function findingDetails(finding: Finding, id: string, open: boolean, names: Names, host: string | null): Markup {
  const mark = markOf(finding);
  const { witness, location, waiver } = finding;
  const pair = (term: string, ...value: (Markup | string)[]) => [h("dt", {}, term), h("dd", {}, ...value)];
  const name =
    host === null ? names.typed(finding.resource) : h("a", { href: `#${host}` }, names.typed(finding.resource));
  const undecided =
    (mark === "advice" || mark === "known") && finding.outcome === "undetermined" ? ", undetermined" : "";
  const worse = finding.baseline === "worse" ? ", worse than before" : "";
  return h(
    "details",
    { class: `finding mark-${mark}`, open },
    h(
      "summary",
      {},
      h("span", { class: `tag ${mark}` }, `${markNames[mark]}${undecided}${worse} · ${finding.severity}`),
      " ",
      h("span", { class: "name" }, finding.message),
    ),
    h(
      "div",
      { id },
      finding.path.length === 0 ? null : pathList(finding.path, names),
      h(
        "dl",
        {},
        ...pair("Fix", finding.remediation),
        ...(witness === undefined
          ? []
          : pair(
              "Packet",
              `${sourceText(witness.source, names)} to ${sourceText(witness.destination, names)}, port ${witness.port}; the server sees ${sourceText(witness.seenSource, names)}`,
            )),
        ...(waiver === undefined ? [] : pair("Waived", waiverText(waiver))),
        ...finding.assumptions.flatMap((assumption) => pair("Assumes", assumption)),
        ...pair("About", name),
        ...(location === undefined
          ? []
          : pair("Declared in", h("code", {}, `${location.file}:${location.line}:${location.column}`))),
        ...pair("Policy", finding.policy),
        ...pair("Resource", h("code", {}, finding.resource)),
      ),
    ),
  );
}

function filter(): Markup {
  return h(
    "div",
    { class: "filter", hidden: true },
    h("label", { for: "host-search" }, "Search"),
    h("input", { id: "host-search", type: "search", placeholder: "name, role or address", autocomplete: "off" }),
    h("label", {}, h("input", { id: "host-only", type: "checkbox" }), " with findings only"),
    h("span", { id: "host-count", role: "status" }),
  );
}

function waivers(report: Report): Markup | null {
  if (report.waivers.length === 0) return null;
  const items = report.waivers.map((waiver) =>
    h(
      "li",
      {},
      h("strong", {}, waiver.state),
      ` ${waiver.policy} for `,
      h("code", {}, waiver.urn),
      `: ${waiverText(waiver)}`,
    ),
  );
  return h(
    "section",
    { "aria-labelledby": "waivers" },
    h("h2", { id: "waivers" }, "Waivers"),
    waiverNotices(report.waivers).map((notice) => h("p", { class: "notice" }, notice)),
    h("ul", {}, ...items),
  );
}

/** What an earlier report has and this one has not. */
function gone(report: Report, names: Names): Markup | null {
  if (report.baseline === undefined) return null;
  const lines = goneLines(report, names);
  return listSection(
    "gone",
    "Gone since the baseline",
    (lines.length === 0 ? ["Nothing."] : lines).map((line) => h("li", {}, line)),
  );
}

function policies(report: Report): Markup {
  return listSection(
    "policies",
    "Policies",
    report.policies.map(({ name, severity, enforcement }) => {
      const n = report.findings.filter((finding) => finding.policy === name).length;
      const result = enforcement === "disabled" ? "not judged" : n === 0 ? "no finding" : count(n, "finding");
      return h("li", {}, `${name} (${severity}, ${enforcement}): ${result}`);
    }),
  );
}

function coverage({ unmodelled, assumptions }: Report, names: Names): Markup[] {
  const byReason = new Map<string, string[]>();
  for (const { resource, reason } of unmodelled)
    byReason.set(reason, [...(byReason.get(reason) ?? []), names.typed(resource)]);
  return [
    ...(byReason.size === 0
      ? []
      : [
          listSection(
            "unmodelled",
            "Not modelled",
            [...byReason].map(([reason, resources]) => h("li", {}, `${abbreviate(resources, 8)}: ${reason}`)),
          ),
        ]),
    ...(assumptions.length === 0
      ? []
      : [
          listSection(
            "assumptions",
            "Assumed where the program says nothing",
            assumptions.map((one) => h("li", {}, one)),
          ),
        ]),
  ];
}

function listSection(id: string, title: string, items: readonly Markup[]): Markup {
  return h("section", { "aria-labelledby": id }, h("h2", { id }, title), h("ul", {}, ...items));
}
