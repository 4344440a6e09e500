import { escapeMermaid } from "./escape-markdown";
import { count } from "./layout";
import { type Mark, marks } from "./marks";
import type { MapEnd, MapHost, MapLink, PerimeterMap, ZoneId } from "./perimeter-map";

/** Hosts of one zone that a diagram names; beyond that a diagram says nothing at a glance. */
const SHOWN = 10;

const zoneTitles: readonly (readonly [ZoneId, string])[] = [
  ["dmz", "DMZ"],
  ["internal", "Internal"],
];

const arrows: Readonly<Record<Mark, string>> = {
  open: "==>",
  undetermined: "-.->",
  advice: "-.->",
  waived: "-.->",
  known: "-.->",
  allowed: "-->",
};

const colors: Readonly<Record<Mark, string>> = {
  open: "#cf222e",
  undetermined: "#9a6700",
  advice: "#6e7781",
  waived: "#6e7781",
  known: "#6e7781",
  allowed: "#1a7f37",
};

/** The perimeter as a Mermaid flowchart: what is open stands out, names are text whatever they hold. */
export function renderMermaid(map: PerimeterMap): string {
  const ids = new Map<MapEnd, string>([
    ["internet", "internet"],
    ["inside", "inside"],
    ["outbound", "outbound"],
  ]);
  const zones = zoneTitles.map(([id, title]) => {
    const all = map.hosts.filter((host) => host.zone === id);
    const shown = all.filter(isNotable(map)).slice(0, SHOWN);
    for (const host of shown) ids.set(host.urn, `h${ids.size}`);
    return { id, title, shown, rest: all.filter((host) => !shown.includes(host)) };
  });
  const links = map.links.filter(({ from, to }) => ids.has(from) && ids.has(to));
  const used = new Set(links.flatMap(({ from, to }) => [from, to]));
  const lines = [
    "flowchart LR",
    '  internet(["Internet"])',
    ...(used.has("inside") ? ['  inside(["Private network"])'] : []),
    ...zones.flatMap(({ id, title, shown, rest }) =>
      shown.length + rest.length === 0
        ? []
        : [
            `  subgraph ${id}["${title}"]`,
            ...shown.map((host) => `    ${ids.get(host.urn)}["${label(host)}"]`),
            ...(rest.length > 0 ? [`    ${id}_rest["${restLabel(rest, shown.length > 0)}"]`] : []),
            "  end",
          ],
    ),
    ...(used.has("outbound") ? ['  outbound(["Mail servers of the Internet"])'] : []),
    ...links.map((link) => `  ${ids.get(link.from)} ${arrows[link.mark]}|"${linkLabel(link)}"| ${ids.get(link.to)}`),
    ...links.map(
      ({ mark }, i) => `  linkStyle ${i} stroke:${colors[mark]}${mark === "open" ? ",stroke-width:4px" : ""}`,
    ),
    ...marks.flatMap((mark) => {
      const nodes = zones.flatMap(({ shown }) =>
        shown.filter((host) => host.mark === mark).map((host) => ids.get(host.urn)),
      );
      const width = mark === "open" ? ",stroke-width:3px" : "";
      return nodes.length === 0
        ? []
        : [`  classDef ${mark} stroke:${colors[mark]}${width}`, `  class ${nodes.join(",")} ${mark}`];
    }),
  ];
  return `${lines.join("\n")}\n`;
}

/** Hosts that take part: declared, linked, or with a finding. The others are counted. */
export function isNotable(map: PerimeterMap): (host: MapHost) => boolean {
  const linked = new Set(map.links.flatMap(({ from, to }) => [from, to]));
  return (host) => host.row.role !== null || host.mark !== "allowed" || linked.has(host.urn);
}

export function roleText({ row }: MapHost): string {
  return row.role === null ? "no role" : { "front-end": "front end", "internal-mail": "internal mail" }[row.role];
}

function label(host: MapHost): string {
  const [address] = host.row.addresses;
  return [host.name, [roleText(host), ...(address === undefined ? [] : [address])].join(" · ")]
    .map((line) => escapeMermaid(line))
    .join("<br/>");
}

function restLabel(rest: readonly MapHost[], more: boolean): string {
  const open = rest.filter((host) => host.mark === "open").length;
  return `${more ? "and " : ""}${count(rest.length, more ? "other host" : "host")}${open > 0 ? `, ${open} of them open` : ""}`;
}

function linkLabel({ ports, mark, relay }: MapLink): string {
  const what = {
    open: relay ? "open relay" : "open",
    undetermined: "undetermined",
    advice: "advice",
    waived: "waived",
    known: "known before",
    allowed: "",
  };
  return [ports.join(", "), what[mark]].filter((part) => part !== "").join(" ") || "SMTP";
}
