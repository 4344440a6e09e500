import type { Reason } from "../model/provenance";
import { Role } from "../model/settings";
import type { RelayAnswer } from "../mta/answer";
import type { Practice, Topic, Weakness } from "../mta/practice";
import type * as addr from "../net/addr";
import { cover, DONT_CARE } from "../net/cover";
import { portList } from "./by-port";
import { addressesText, listing, reasons } from "./describe";
import type { MailHost, Perimeter } from "./perimeter";
import type { PathStep, PolicyFinding } from "./report";

/** What the configuration of the mail servers says by itself, wherever the packets come from. */

/** A listener that others than the host itself can connect to, with what is known of its practice. */
export interface PractisedListener extends RelayAnswer {
  readonly practice: Practice;
}

export function practisedListeners(view: MailHost): PractisedListener[] {
  if (view.mta.kind !== "known") return [];
  return view.mta.answers.filter(
    (answer): answer is PractisedListener => !answer.loopbackOnly && answer.practice !== undefined,
  );
}

/** Why there may be more to the mail server of a host that has one than can be said: of a declared front end, or by what configures it. */
export function unreadable(view: MailHost): readonly Reason[] {
  const { mta } = view;
  if (mta.kind === "known") return mta.unread ?? [];
  if (mta.kind === "undetermined") return view.showsMta || view.role === Role.FrontEnd ? mta.why : [];
  return view.role === Role.FrontEnd
    ? [{ text: "no configuration of its MTA is in the stack", at: { urn: view.urn } }]
    : [];
}

/** One undetermined finding for each host whose mail server cannot be read as a whole; `question` goes on with "of <host>". */
export function unreadableHosts(perimeter: Perimeter, question: (name: string) => string): PolicyFinding[] {
  return perimeter.hosts.flatMap((view): PolicyFinding[] => {
    const why = unreadable(view);
    if (why.length === 0) return [];
    return [
      {
        outcome: "undetermined",
        resource: view.urn,
        message: `${question(view.name)} cannot be decided: ${reasons(why)}.`,
        remediation: `Put the configuration of the MTA of ${view.name} into the program, in a form that can be read.`,
      },
    ];
  });
}

/** The weaknesses of one topic: one finding for each theme, whatever number of listeners has it. */
export function weaknessFindings(
  view: MailHost,
  topic: Topic,
  change: (weakness: Weakness) => Partial<Pick<PolicyFinding, "severity">> | null = () => ({}),
): PolicyFinding[] {
  const listeners = practisedListeners(view);
  const groups = new Map<string, Placed[]>();
  for (const { port, practice } of listeners) {
    for (const weakness of practice.weaknesses) {
      if (weakness.topic !== topic || change(weakness) === null) continue;
      const key = `${weakness.certain} ${weakness.theme ?? weakness.id}`;
      groups.set(key, [...(groups.get(key) ?? []), { weakness, port }]);
    }
  }
  const all = new Set(listeners.map(({ port }) => port)).size;
  return [...groups.values()].map((group) => {
    const [first] = group as [Placed];
    const ports = [...new Set(group.map(({ port }) => port))];
    const once = group.filter(({ weakness }, i) => group.findIndex((other) => other.weakness.id === weakness.id) === i);
    const where = ports.length < all ? ` on ${portList(ports)}` : "";
    return {
      ...describe(
        view,
        once.map(({ weakness }) => weakness),
        where,
      ),
      ...change(first.weakness),
    };
  });
}

interface Placed {
  readonly weakness: Weakness;
  readonly port: number;
}

function describe(view: MailHost, weaknesses: readonly Weakness[], where: string): PolicyFinding {
  const certain = weaknesses.every((weakness) => weakness.certain);
  const told = sentence(weaknesses.map((weakness) => weakness.text + subjectOf(weakness)));
  const lines = weaknesses.map((weakness) => weakness.line);
  const fixes = weaknesses.map(({ fix }) => `${fix.charAt(0).toLowerCase()}${fix.slice(1)}`);
  return {
    outcome: certain ? "violation" : "undetermined",
    resource: view.urn,
    message: certain
      ? `${view.name} ${told}${where}.`
      : `Whether ${view.name} ${told}${where} cannot be decided: ${reasons(lines)}.`,
    remediation: `On ${view.name}, ${fixes.join("; ")}.`,
    path: mtaSteps(view, lines),
  };
}

function subjectOf({ certain, subject }: Weakness): string {
  return certain && subject !== undefined ? ` (${subject})` : "";
}

/** Parts that may hold commas, as one enumeration. */
function sentence(parts: readonly string[]): string {
  const separator = parts.some((part) => part.includes(",")) ? "; " : ", ";
  return parts.length < 3
    ? parts.join(" and ")
    : `${parts.slice(0, -1).join(separator)}${separator}and ${parts.at(-1)}`;
}

/** Lines of the configuration of a host's mail server, as steps of a path. */
export function mtaSteps(view: MailHost, lines: readonly Reason[]): PathStep[] {
  return lines.map((reason) => ({
    kind: "mta",
    resource: reason.at?.urn ?? view.urn,
    detail: reason.at?.path === undefined ? reason.text : `${reason.text} (${reason.at.path})`,
  }));
}

/** Clients of a mail server as text: the public ones as if private space were no concern, else the prefixes. */
export function clientsText(set: addr.AddrSet): string {
  const open = cover(set, DONT_CARE);
  return open.length === 0 ? addressesText(set) : listing(open);
}
