import type { Urn } from "../../policies/analysis/model/snapshot";
import { printable } from "../../policies/printable";

/** What names resources: a report, or what is said about several. */
export interface Mentions {
  readonly findings: readonly { readonly resource: Urn }[];
  readonly exposure: readonly { readonly resource: Urn }[];
  readonly hosts: readonly { readonly resource: Urn }[];
}

/** Short names for the resources of one report. */
export interface Names {
  /** The resource's name, with its type where the report holds another of that name. */
  short(urn: Urn): string;
  /** `front-end-smtp`. */
  plain(urn: Urn): string;
  /** `SecurityGroup front-end-smtp`. */
  typed(urn: Urn): string;
}

export function namesOf(report: Mentions): Names {
  const bearers = new Map<string, Set<Urn>>();
  const mention = (urn: Urn | null) => {
    if (urn === null) return;
    const { name } = parse(urn);
    bearers.set(name, (bearers.get(name) ?? new Set()).add(urn));
  };
  for (const finding of report.findings) mention(finding.resource);
  for (const row of report.exposure) mention(row.resource);
  for (const row of report.hosts) mention(row.resource);
  const typed = (urn: Urn) => {
    const { name, type } = parse(urn);
    return printable(type === "" ? name : `${type} ${name}`);
  };
  return {
    short: (urn) => {
      const { name } = parse(urn);
      return (bearers.get(name)?.size ?? 0) > 1 ? typed(urn) : printable(name);
    },
    plain: (urn) => printable(parse(urn).name),
    typed,
  };
}

/** A name may hold `::` itself, a type cannot: the name is everything after the third separator. */
function parse(urn: Urn): { name: string; type: string } {
  const [, , qualifiedType, ...name] = urn.split("::");
  if (qualifiedType === undefined || name.length === 0) return { name: urn, type: "" };
  const type = qualifiedType.split("$").at(-1) ?? "";
  return { name: name.join("::"), type: type.split(":").at(-1) ?? type };
}
