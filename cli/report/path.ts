import type { PathStep } from "../../policies/analysis/verdict/report";
import { printableLine } from "../../policies/printable";
import { hang, type Paint, pad } from "./layout";
import type { Names } from "./names";

const KIND_WIDTH = "load-balancer".length;

/** The hops in the order in which a packet, then a message, takes them: one under the other, none left out. */
export function renderPath(path: readonly PathStep[], names: Names, paint: Paint, width: number): string[] {
  return path.flatMap((step, i) => {
    const lead = `    ${i === 0 ? " " : "↓"} ${pad(step.kind, KIND_WIDTH)}  `;
    const name = step.resource === null ? "" : names.typed(step.resource);
    const text = sentence(name, step.resource === null ? "" : names.plain(step.resource), printableLine(step.detail));
    const last = i === path.length - 1;
    const rest = `    ${last ? " " : "│"} ${" ".repeat(KIND_WIDTH)}  `;
    return hang(lead, text, width, rest).map((line, row) => {
      const margin = paint("dim", line.slice(0, 6));
      const kind = row === 0 ? paint("cyan", line.slice(6, lead.length)) : line.slice(6, lead.length);
      return margin + kind + emphasize(line.slice(lead.length), row === 0 ? name : "", paint);
    });
  });
}

/** `Instance front-end: 10.0.1.10`; a detail that begins with the name of the resource continues its type instead. */
export function sentence(typed: string, name: string, detail: string): string {
  if (typed === "" || detail === "") return typed + detail;
  return detail.startsWith(`${name} `) && name !== "" ? typed + detail.slice(name.length) : `${typed}: ${detail}`;
}

function emphasize(text: string, name: string, paint: Paint): string {
  return name !== "" && text.startsWith(name) ? paint("bold", name) + text.slice(name.length) : text;
}
