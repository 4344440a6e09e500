import { marks } from "../marks";
import { isNotable } from "../mermaid";
import type { MapEnd, MapHost, MapLink, PerimeterMap, ZoneId } from "../perimeter-map";

/**
 * Where the parts of the picture are. The ends of the Internet are bars along the edges, every host has a row or a line of its own, and
 * so a way in or out is a straight line that crosses no host: one that passes beside the DMZ is seen to do so.
 */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly bars: readonly Bar[];
  readonly zones: readonly Zone[];
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
}

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Bar extends Rect {
  readonly title: string;
  readonly turned: boolean;
}

export interface Zone extends Rect {
  readonly title: string;
}

export interface Box extends Rect {
  readonly end: MapEnd;
  /** Null for the private network, and for the hosts that are only counted. */
  readonly host: MapHost | null;
  readonly lines: readonly string[];
  readonly zone: ZoneId;
}

export interface Line {
  readonly link: MapLink;
  readonly path: string;
  /** Room for the ports only. */
  readonly brief: boolean;
  readonly label: { readonly x: number; readonly y: number; readonly anchor: "start" | "middle" | "end" };
}

/** Hosts of one zone that the picture names: the worst come first. */
const SHOWN = 7;
const BOX_HEIGHT = 64;
const GAP = 14;
const PAD = 12;
const TITLE = 26;

interface Lane {
  readonly id: ZoneId;
  readonly title: string;
  readonly boxes: readonly Omit<Box, keyof Rect>[];
}

function lanesOf(map: PerimeterMap, describe: (host: MapHost) => readonly string[]): Lane[] {
  const notable = isNotable(map);
  const inside = map.links.some(({ from, to }) => from === "inside" || to === "inside");
  return (["dmz", "internal"] as const).map((id) => {
    const all = map.hosts.filter((host) => host.zone === id);
    const shown = all.filter(notable).slice(0, SHOWN);
    const rest = all.filter((host) => !shown.includes(host));
    const open = rest.filter((host) => host.mark === "open").length;
    const boxes: Omit<Box, keyof Rect>[] = shown.map((host) => ({
      end: host.urn,
      host,
      lines: describe(host),
      zone: id,
    }));
    if (rest.length > 0) {
      const what = `${shown.length > 0 ? "and " : ""}${rest.length} ${shown.length > 0 ? "other " : ""}${rest.length === 1 ? "host" : "hosts"}`;
      const how = open > 0 ? `${open} of them open` : "in the list below";
      boxes.push({ end: `${id} rest`, host: null, lines: [what, how], zone: id });
    }
    if (id === "internal" && inside)
      boxes.push({ end: "inside", host: null, lines: ["Private network", "addresses without a host here"], zone: id });
    return { id, title: id === "dmz" ? "DMZ: front ends" : "Internal", boxes };
  });
}

/** Zones side by side, for wide screens and paper. */
export function wide(map: PerimeterMap, describe: (host: MapHost) => readonly string[]): Picture {
  const bar = 46;
  const gap = 140;
  const box = 224;
  const column = { dmz: bar + gap, internal: bar + gap + box + gap - 10 };
  const width = column.internal + box + gap + bar;
  let y = 8;
  const zones: Zone[] = [];
  const boxes: Box[] = [];
  for (const lane of lanesOf(map, describe)) {
    const top = y;
    const x = column[lane.id];
    y += TITLE;
    for (const one of lane.boxes) {
      boxes.push({ ...one, x, y, width: box, height: BOX_HEIGHT });
      y += BOX_HEIGHT + GAP;
    }
    if (lane.boxes.length === 0) y += 18;
    zones.push({
      title: lane.boxes.length === 0 ? `${lane.title}: no hosts` : lane.title,
      x: x - PAD,
      y: top,
      width: box + 2 * PAD,
      height: y - top,
    });
    y += 10;
  }
  const height = y;
  const bars = [
    { title: "Internet", turned: true, x: 0, y: 8, width: bar, height: height - 16 },
    { title: "Outbound: any mail server", turned: true, x: width - bar, y: 8, width: bar, height: height - 16 },
  ];
  const at = new Map(boxes.map((one) => [one.end, one]));
  const lines = drawn(map, at).map((link): Line => {
    const [from, to] = [at.get(link.from), at.get(link.to)];
    const offset = link.mark === "allowed" ? 7 : -7;
    if (from === undefined && to === undefined)
      return line(link, `M${bar} ${height - 12}H${width - bar}`, width / 2, height - 18, "middle");
    if (from === undefined && to !== undefined) {
      const at = middle(to) + offset;
      return line(link, `M${bar} ${at}H${to.x}`, bar + 8, at - 5, "start");
    }
    if (from !== undefined && to === undefined) {
      const at = middle(from) + offset;
      return line(link, `M${from.x + from.width} ${at}H${width - bar}`, width - bar - 12, at - 5, "end");
    }
    return between(link, from as Box, to as Box);
  });
  return { width, height, bars, zones, boxes, lines };
}

/** From one box to another: over the gap between two columns, or around the left side within one. */
function between(link: MapLink, from: Box, to: Box): Line {
  const [start, end] = [middle(from) + 16, middle(to) + 16];
  if (from.x === to.x) {
    const x = from.x;
    const path = `M${x} ${start}C${x - 60} ${start} ${x - 60} ${end} ${x} ${end}`;
    return line(link, path, x - 48, (start + end) / 2, "middle");
  }
  const [a, b] = from.x < to.x ? [from.x + from.width, to.x] : [from.x, to.x + to.width];
  const bend = (b - a) / 2;
  const path = `M${a} ${start}C${a + bend} ${start} ${b - bend} ${end} ${b} ${end}`;
  return line(link, path, (a + b) / 2, (start + end) / 2 - 6, "middle");
}

/** Zones one below the other, for a phone. Ways in run down the left edge, ways out down the right one. */
export function narrow(map: PerimeterMap, describe: (host: MapHost) => readonly string[]): Picture {
  const width = 360;
  const bar = 38;
  const gutter = 62;
  const box = width - 2 * gutter;
  let y = bar + 16;
  const zones: Zone[] = [];
  const boxes: Box[] = [];
  for (const lane of lanesOf(map, describe)) {
    const top = y;
    y += TITLE;
    for (const one of lane.boxes) {
      boxes.push({ ...one, x: gutter, y, width: box, height: BOX_HEIGHT });
      y += BOX_HEIGHT + GAP;
    }
    if (lane.boxes.length === 0) y += 18;
    zones.push({
      title: lane.boxes.length === 0 ? `${lane.title}: no hosts` : lane.title,
      x: gutter - 8,
      y: top,
      width: box + 16,
      height: y - top,
    });
    y += 12;
  }
  const bottom = y + 6;
  const height = bottom + bar;
  const bars = [
    { title: "Internet", turned: false, x: 0, y: 0, width, height: bar },
    { title: "Outbound: any mail server", turned: false, x: 0, y: bottom, width, height: bar },
  ];
  const at = new Map(boxes.map((one) => [one.end, one]));
  const lines = drawn(map, at).map((link): Line => {
    const [from, to] = [at.get(link.from), at.get(link.to)];
    const lane = 10 + 9 * marks.indexOf(link.mark);
    if (from === undefined && to !== undefined) {
      const end = middle(to) - 8;
      return line(link, `M${lane} ${bar}V${end}H${to.x}`, to.x - 12, end - 6, "end", true);
    }
    if (from !== undefined && to === undefined) {
      const start = middle(from) - 8;
      const x = width - lane;
      return line(
        link,
        `M${from.x + from.width} ${start}H${x}V${bottom}`,
        from.x + from.width + 12,
        start - 6,
        "start",
        true,
      );
    }
    if (from === undefined || to === undefined)
      return line(link, `M${lane} ${bar}V${bottom}`, lane + 4, bottom - 4, "start", true);
    const [start, end] = [middle(from) + 14, middle(to) + 14];
    const x = to.x;
    return line(link, `M${x} ${start}C${x - 44} ${start} ${x - 44} ${end} ${x} ${end}`, x - 8, end + 16, "end", true);
  });
  return { width, height, bars, zones, boxes, lines };
}

function line(link: MapLink, path: string, x: number, y: number, anchor: Line["label"]["anchor"], brief = false): Line {
  return { link, path, brief, label: { x, y, anchor } };
}

function middle(box: Rect): number {
  return box.y + box.height / 2;
}

/** Links between what the picture names, the worst last, so that nothing is drawn over them. */
function drawn(map: PerimeterMap, at: ReadonlyMap<MapEnd, Box>): MapLink[] {
  const known = (end: MapEnd) => end === "internet" || end === "outbound" || at.has(end);
  return map.links
    .filter(({ from, to }) => known(from) && known(to))
    .sort((a, b) => marks.indexOf(b.mark) - marks.indexOf(a.mark));
}
