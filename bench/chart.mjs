// Time against size as an SVG: both axes are logarithmic, so that growth in proportion is a straight line at 45 degrees.

const width = 640;
const height = 360;
const box = { left: 64, top: 44, right: 500, bottom: 300 };

/**
 * @param {{ title: string, series: readonly { name: string, points: readonly { hosts: number, seconds: number }[] }[] }} chart
 * @returns {string} an SVG that follows the reader's light or dark theme
 */
export function chart({ title, series }) {
  const points = series.flatMap((one) => one.points);
  const x = scale(
    points.map(({ hosts }) => hosts),
    box.left,
    box.right,
  );
  const y = scale(
    points.map(({ seconds }) => seconds),
    box.bottom,
    box.top,
  );
  const first = series[0]?.points[0];
  const proportion =
    first === undefined
      ? ""
      : line(
          x.ends.map((hosts) => [x.at(hosts), y.at((first.seconds * hosts) / first.hosts)]),
          "proportion",
        );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
<style>
  svg { --ink: #1f2328; --soft: #6e7781; --rule: #d8dee4; --back: #ffffff; --a: #0969da; --b: #bc4c00 }
  @media (prefers-color-scheme: dark) { svg { --ink: #e6edf3; --soft: #8d96a0; --rule: #30363d; --back: #0d1117; --a: #58a6ff; --b: #f0883e } }
  text { font: 13px system-ui, sans-serif; fill: var(--soft) } .title { font-size: 15px; font-weight: 600; fill: var(--ink) }
  .back { fill: var(--back) } .grid { stroke: var(--rule) } .proportion { stroke: var(--soft); stroke-dasharray: 3 4; fill: none }
  .s0 { stroke: var(--a); fill: none; stroke-width: 2 } .s1 { stroke: var(--b); fill: none; stroke-width: 2 }
  .n0 { fill: var(--a) } .n1 { fill: var(--b) }
</style>
<clipPath id="box"><rect x="${box.left}" y="${box.top}" width="${box.right - box.left}" height="${box.bottom - box.top}"/></clipPath>
<rect class="back" width="${width}" height="${height}"/>
<text class="title" x="${box.left}" y="24">${title}</text>
${x.ticks.map((hosts) => grid(x.at(hosts), box.top, x.at(hosts), box.bottom) + label(x.at(hosts), box.bottom + 20, "middle", count(hosts))).join("\n")}
${y.ticks.map((seconds) => grid(box.left, y.at(seconds), box.right, y.at(seconds)) + label(box.left - 8, y.at(seconds) + 4, "end", duration(seconds))).join("\n")}
${label((box.left + box.right) / 2, box.bottom + 44, "middle", "hosts")}
<g clip-path="url(#box)">${proportion}</g>
${series.map((one, i) => drawn(one, i, x, y)).join("\n")}
</svg>
`;
}

function drawn({ name, points }, i, x, y) {
  const places = points.map(({ hosts, seconds }) => [x.at(hosts), y.at(seconds)]);
  const [endX, endY] = places.at(-1);
  const dots = places.map(([px, py]) => `<circle class="n${i}" cx="${round(px)}" cy="${round(py)}" r="3"/>`).join("");
  const value = duration(points.at(-1).seconds);
  return `${line(places, `s${i}`)}${dots}<text class="n${i}" x="${round(endX + 10)}" y="${round(endY + 4)}">${name}, ${value}</text>`;
}

/** A logarithmic scale over whole decades. */
function scale(values, from, to) {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return {
    at: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
    ticks: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)),
    ends: [10 ** low, 10 ** high],
  };
}

function line(places, name) {
  return `<polyline class="${name}" points="${places.map(([px, py]) => `${round(px)},${round(py)}`).join(" ")}"/>`;
}

function grid(x1, y1, x2, y2) {
  return `<line class="grid" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"/>`;
}

function label(x, y, anchor, text) {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${text}</text>`;
}

function duration(seconds) {
  return seconds < 1 ? `${Number((seconds * 1000).toPrecision(2))} ms` : `${Number(seconds.toPrecision(2))} s`;
}

function count(hosts) {
  return hosts.toLocaleString("en").replaceAll(",", " ");
}

function round(value) {
  return Number(value.toFixed(1));
}
