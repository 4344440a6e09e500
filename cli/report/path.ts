import type { PathStep } from "../../policies/analysis/verdict/report";
import { hang, type Paint, pad } from "./layout";
import type { Names } from "./names";
import { printableLine } from "../../policies/printable";

const KIND_WIDTH = "load-balancer".length;

/** The hops in the order in which a packet, then a message, takes them: one under the other, none left out. */
export function renderPath(path: readonly PathStep[], names: Names, paint: Paint, width: number): string[] {
  return path.flatMap((step, i) => {
    const lead = `    ${i === 0 ? " " : "↓"} ${pad(step.kind, KIND_WIDTH)}  `;
    const detail = printableLine(step.detail);
    const name = step.resource === null ? "" : names.typed(step.resource);
    const text = name === "" ? detail : detail === "" ? name : `${name}: ${detail}`;
    const last = i === path.length - 1;
    const rest = `    ${last ? " " : "│"} ${" ".repeat(KIND_WIDTH)}  `;
    return hang(lead, text, width, rest).map((line, row) => {
      const margin = paint("dim", line.slice(0, 6));
      const kind = row === 0 ? paint("cyan", line.slice(6, lead.length)) : line.slice(6, lead.length);
      return margin + kind + emphasize(line.slice(lead.length), row === 0 ? name : "", paint);
    });
  });
}

function emphasize(text: string, name: string, paint: Paint): string {
  return name !== "" && text.startsWith(name) ? paint("bold", name) + text.slice(name.length) : text;
}
