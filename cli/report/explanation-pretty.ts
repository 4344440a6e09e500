import type { ExplainedMta } from "../../policies/analysis/verdict/explained-mta";
import type { ExplainedSources, ExplainedWay, Explanation } from "../../policies/analysis/verdict/explanation";
import type { ChangeStep, ExplainedStep } from "../../policies/analysis/verdict/explanation-words";
import { printableLine } from "../../policies/printable";
import { abbreviate, count, hang, type Paint, pad, painter, type Style, wrap } from "./layout";
import { type Names, namesOf } from "./names";
import { sentence } from "./path";
import { type PrettyOptions, packet } from "./pretty";

const SHOWN_PARTS = 6;
const SHOWN_WAYS = 3;
const SHOWN_ALTERNATIVES = 2;
const SHOWN_SOURCES = 8;

const styles = {
  open: ["bold", "red"],
  undetermined: ["bold", "yellow"],
  closed: ["bold", "green"],
} satisfies Record<ExplainedSources["answer"], Style>;

const marks = { passes: "✓", undetermined: "?", stops: "✗" } as const;

/** An explanation for people: the answer first, then every way with what each hop decides, and what would change it. */
export function renderExplanation(explanation: Explanation, { color, width }: PrettyOptions): string {
  const paint = painter(color);
  const { target, parts } = explanation;
  const names = namesOf({ findings: [], exposure: [], hosts: [target] });
  const blocks = [
    headline(explanation, names, paint, width),
    ...parts.slice(0, SHOWN_PARTS).flatMap((part) => partBlocks(part, explanation, names, paint, width)),
    parts.length > SHOWN_PARTS
      ? [`${count(parts.length - SHOWN_PARTS, "more set")} of sources: --format json has all.`]
      : [],
    explanation.assumptions.length === 0
      ? []
      : [
          paint("bold", "Assumed where the program says nothing"),
          ...explanation.assumptions.flatMap((text) => hang("  - ", printableLine(text), width)),
        ],
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n")}\n`;
}

function headline({ answer, source, target, parts }: Explanation, names: Names, paint: Paint, width: number): string[] {
  const word = answer === null ? paint(["bold", "yellow"], "PARTLY OPEN") : paint(styles[answer], answer.toUpperCase());
  const verb =
    answer === null
      ? parts.some((part) => part.answer === "open")
        ? "some of it can connect, some cannot"
        : "some of it may connect, some cannot"
      : {
          open: `can connect${relaying(parts)}`,
          closed: "cannot connect",
          undetermined: "it is not known whether it can connect",
        }[answer];
  const text = `${printableLine(source.text)} -> ${names.typed(target.resource)}:${target.port}: ${verb}`;
  return wrap(`${word}  ${text}`, width);
}

/** What makes an open port a danger. */
function relaying(parts: readonly ExplainedSources[]): string {
  const relays = parts.some(({ ways }) => ways.some(({ mta }) => mta?.answer === "relays" || mta?.answer === "some"));
  return relays ? ", and the MTA relays for it without authentication" : "";
}

function partBlocks(
  part: ExplainedSources,
  { parts, target }: Explanation,
  names: Names,
  paint: Paint,
  width: number,
): string[][] {
  const sources = abbreviate(
    part.sources.map((source) => (source.startsWith("urn:") ? names.typed(source) : source)),
    SHOWN_SOURCES,
  );
  const title = parts.length === 1 ? [] : hang(`${paint(styles[part.answer], part.answer)}  `, sources, width, "  ");
  const facts = [
    ...note("packet", packet(part.packet, names), paint, width),
    ...part.reasons.flatMap(({ text, at }) =>
      note("because", at === null ? text : `${text} (${where(at, names)})`, paint, width),
    ),
    ...alternatives("to open", part.toOpen, paint, width),
    ...alternatives("to close", part.toClose, paint, width),
  ];
  const open = part.ways.filter(({ answer }) => answer === part.answer);
  const shown = part.ways.slice(0, Math.max(SHOWN_WAYS, part.answer === "closed" ? 0 : Math.min(open.length, 6)));
  const rest = part.ways.length - shown.length;
  return [
    ...(title.length === 0 ? [] : [title]),
    ...shown.map((way, i) => wayBlock(way, part.ways.length > 1 ? i + 1 : null, target.port, names, paint, width)),
    rest > 0 ? [`  ${count(rest, "more way")}: --format json has all.`] : [],
    facts,
  ];
}

function wayBlock(
  way: ExplainedWay,
  number: number | null,
  port: number,
  names: Names,
  paint: Paint,
  width: number,
): string[] {
  const { steps, stoppedAt, mta, answer } = way;
  const lines = steps.flatMap((step, i) => {
    // A packet does not get to the end of a way that is closed.
    if (stoppedAt !== null && i === steps.length - 1) return [];
    const remark = step.decision === "stops" ? (i === stoppedAt ? " <- stops here" : " <- would stop it too") : "";
    // One network ACL may let a packet out of a subnet and into the next.
    if (step.decision === "passes" && alike(step, steps[i - 1])) return [];
    return stepLines(step, step.decision === null ? " " : marks[step.decision], remark, names, paint, width);
  });
  return [
    ...(number === null ? [] : [`  ${paint("bold", `way ${number}`)}: ${paint(styles[answer], answer)}`]),
    ...lines,
    ...(mta === null ? [] : mtaLines(mta, port, names, paint, width)),
  ];
}

function alike(a: ExplainedStep, b: ExplainedStep | undefined): boolean {
  return b?.decision === a.decision && b.detail === a.detail && b.resource === a.resource && b.kind === a.kind;
}

const KIND_WIDTH = "load-balancer".length;

function stepLines(
  step: ExplainedStep,
  mark: string,
  remark: string,
  names: Names,
  paint: Paint,
  width: number,
): string[] {
  const lead = `    ${mark} ${pad(step.kind, KIND_WIDTH)}  `;
  const name = step.resource === null ? "" : names.typed(step.resource);
  const text = sentence(name, step.resource === null ? "" : names.plain(step.resource), printableLine(step.detail));
  const style = step.decision === "stops" ? "red" : step.decision === "undetermined" ? "yellow" : "dim";
  return hang(lead, text + remark, width).map((line, row) =>
    row === 0
      ? `    ${paint(style, mark)} ${paint("cyan", pad(step.kind, KIND_WIDTH))}${line.slice(lead.length - 2)}`
      : line,
  );
}

function mtaLines(mta: ExplainedMta, port: number, names: Names, paint: Paint, width: number): string[] {
  const seen = mta.seen === null ? "" : `, which it sees as ${mta.seen},`;
  const some = abbreviate(mta.relays, SHOWN_SOURCES);
  const text = {
    relays: `its MTA relays for it${seen} without authentication`,
    some: `its MTA relays without authentication for ${some}${seen === "" ? "" : ` ${seen.slice(2, -1)}`}`,
    refuses: `its MTA refuses to relay for it${seen === "" ? "" : seen.slice(0, -1)} without authentication`,
    undetermined: `whether its MTA relays for it${seen} is not known`,
    "no-listener": `its MTA does not listen on port ${port}`,
    none: "nothing in the stack configures an MTA on it",
  }[mta.answer];
  const bad = mta.answer === "relays" || mta.answer === "some";
  const mark = bad ? "!" : mta.answer === "undetermined" ? "?" : " ";
  const head: ExplainedStep = { kind: "mta", resource: null, detail: text, decision: null };
  return [
    ...stepLines(head, mark, "", names, paint, width),
    ...mta.lines.flatMap((line) => stepLines({ ...line, decision: null }, " ", "", names, paint, width)),
  ];
}

function alternatives(label: string, sets: readonly (readonly ChangeStep[])[], paint: Paint, width: number): string[] {
  const shown = sets
    .slice(0, SHOWN_ALTERNATIVES)
    .flatMap((changes, i) =>
      note(i === 0 ? label : "  or", changes.map(({ text }) => text).join("; and "), paint, width),
    );
  const rest = sets.length - SHOWN_ALTERNATIVES;
  return rest > 0
    ? [...shown, ...note("", `${count(rest, "more alternative")}: --format json has all`, paint, width)]
    : shown;
}

function note(label: string, text: string, paint: Paint, width: number): string[] {
  const [first = "", ...rest] = hang(pad(`  ${label}`, 12), printableLine(text), width);
  return [`  ${paint("bold", label)}${first.slice(label.length + 2)}`, ...rest];
}

function where(at: string, names: Names): string {
  const [urn = "", ...path] = at.split(" ");
  return [names.typed(urn), ...path].join(" ");
}
