import { printable } from "../../../policies/printable";
import type { Mark } from "../marks";
import { roleText } from "../mermaid";
import type { MapHost, MapLink, PerimeterMap } from "../perimeter-map";
import { type Bar, type Box, type Line, narrow, type Picture, wide, type Zone } from "./geometry";
import { h, type Markup } from "./markup";

export const markNames: Readonly<Record<Mark, string>> = {
  open: "open",
  undetermined: "undetermined",
  advice: "advice",
  waived: "waived",
  known: "known before",
  allowed: "no finding",
};

/** The perimeter, once for wide screens and paper and once for a phone; the style sheet shows one of them. */
export function pictures(map: PerimeterMap, anchors: ReadonlyMap<string, string>): Markup[] {
  return [draw(wide(map, describe), "wide", anchors), draw(narrow(map, describe), "narrow", anchors)];
}

function describe(host: MapHost): string[] {
  const [address] = host.row.addresses;
  return [host.name, [roleText(host), ...(address === undefined ? [] : [address])].join(" · "), exposes(host)];
}

/** `25 from the Internet`, or what else can connect. */
export function exposes({ exposure }: MapHost): string {
  const on = (rows: MapHost["exposure"]) => rows.map((row) => row.port).join(", ");
  const internet = exposure.filter((row) => row.internet.length > 0);
  const internal = exposure.filter((row) => row.internal.length > 0 && row.internet.length === 0);
  const unclear = exposure.filter((row) => row.internet.length === 0 && row.internal.length === 0);
  const parts = [
    internet.length > 0 && `${on(internet)} from the Internet`,
    internal.length > 0 && `${on(internal)} from inside`,
    unclear.length > 0 && `${on(unclear)} undetermined`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? "no SMTP reachable" : parts.join("; ");
}

function draw(picture: Picture, variant: "wide" | "narrow", anchors: ReadonlyMap<string, string>): Markup {
  const arrows = (["open", "undetermined", "advice", "waived", "known", "allowed"] as const).map((mark) =>
    h(
      "marker",
      {
        id: `${variant}-${mark}`,
        viewBox: "0 0 8 8",
        refX: 7,
        refY: 4,
        markerWidth: 8,
        markerHeight: 8,
        markerUnits: "userSpaceOnUse",
        orient: "auto-start-reverse",
      },
      h("path", { d: "M0 0L8 4L0 8z", class: `arrow ${mark}` }),
    ),
  );
  return h(
    "svg",
    {
      class: variant,
      viewBox: `0 0 ${picture.width} ${picture.height}`,
      role: "group",
      "aria-label": "The perimeter: hosts in zones. The connections are listed below the picture.",
    },
    h("defs", {}, ...arrows),
    picture.zones.map(zone),
    picture.bars.map(bar),
    picture.lines.map((line) => connection(line, variant)),
    picture.boxes.map((box) => node(box, anchors)),
  );
}

function zone({ x, y, width, height, title }: Zone): Markup {
  return h(
    "g",
    { "aria-hidden": "true" },
    h("rect", { class: "zone", x, y, width, height, rx: 6 }),
    h("text", { class: "zone-title", x: x + 12, y: y + 18 }, title),
  );
}

function bar({ x, y, width, height, title, turned }: Bar): Markup {
  const [cx, cy] = [x + width / 2, y + height / 2];
  const short = turned && height < 190 ? (title.split(":")[0] ?? title) : title;
  return h(
    "g",
    { "aria-hidden": "true" },
    h("rect", { class: "bar", x, y, width, height, rx: 6 }),
    h(
      "text",
      {
        class: "bar-title",
        x: cx,
        y: cy,
        "text-anchor": "middle",
        "dominant-baseline": "central",
        transform: turned ? `rotate(-90 ${cx} ${cy})` : null,
      },
      short,
    ),
  );
}

function connection({ link, path, brief, label }: Line, variant: string): Markup {
  return h(
    "g",
    { class: `link ${link.mark}`, "aria-hidden": "true" },
    h("path", { d: path, "marker-end": `url(#${variant}-${link.mark})` }),
    h("text", { x: label.x, y: label.y, "text-anchor": label.anchor }, brief ? link.ports.join(", ") : linkText(link)),
  );
}

/** `25 open relay`. */
export function linkText({ ports, mark, relay }: MapLink): string {
  const what = mark === "allowed" ? "" : mark === "open" && relay ? "open relay" : markNames[mark];
  return [ports.join(", "), what].filter((part) => part !== "").join(" ");
}

/** Characters that fit into a box. */
const FITS = 32;

/** The middle goes: names differ in their beginning and in their end. */
function shorten(text: string, longest: number): string {
  const chars = [...printable(text)];
  if (chars.length <= longest) return chars.join("");
  const kept = longest - 1;
  return `${chars.slice(0, Math.ceil(kept / 2)).join("")}…${chars.slice(-Math.floor(kept / 2)).join("")}`;
}

function node({ x, y, width, height, host, lines }: Box, anchors: ReadonlyMap<string, string>): Markup {
  const mark = host?.mark ?? "allowed";
  const state = mark === "allowed" ? "" : markNames[mark];
  const content = [
    h("rect", { x, y, width, height, rx: 5 }),
    // The spaces between keep the words apart for who hears them.
    ...lines.flatMap((text, i) => {
      const fits = [FITS - 7, FITS, FITS - (state === "" ? 0 : state.length + 1)][i] ?? FITS;
      return [" ", h("text", { class: i === 0 ? "name" : "fact", x: x + 10, y: y + 20 + 17 * i }, shorten(text, fits))];
    }),
    ...(state === ""
      ? []
      : [" ", h("text", { class: "state", x: x + width - 8, y: y + 54, "text-anchor": "end" }, state)]),
  ];
  if (host === null) return h("g", { class: "node group" }, ...content);
  return h("a", { href: `#${anchors.get(host.urn) ?? ""}`, class: `node ${mark}` }, ...content);
}
