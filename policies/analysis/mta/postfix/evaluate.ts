import type { Reason } from "../../model/provenance";
import type { HostMta } from "../answer";
import { type Files, type PostfixConfig, View } from "./config";
import type { SourceLine } from "./lines";
import { parseMainCf } from "./main-cf";
import { parseMasterCf } from "./master-cf";
import { nextHops } from "./next-hops";
import { listeners } from "./services";
import { Unreadable } from "./words";

export interface PostfixFiles {
  readonly host: string;
  readonly mainCf: readonly SourceLine[];
  readonly masterCf: readonly SourceLine[];
  readonly files: Files;
  readonly compiled: ReadonlySet<string>;
}

/** Evaluates a whole configuration of Postfix. */
export function evaluatePostfix(input: PostfixFiles): HostMta {
  const main = parseMainCf(input.mainCf);
  const master = parseMasterCf(input.masterCf);
  const broken = main.broken ?? master.broken;
  if (broken !== undefined) {
    return undetermined([
      { text: `Postfix does not start with this line: ${broken.text.trim().slice(0, 100)}`, at: broken.at },
    ]);
  }
  const config: PostfixConfig = {
    host: input.host,
    parameters: main.parameters,
    services: master.services,
    files: input.files,
    compiled: input.compiled,
  };
  const { answers, unclear } = listeners(config);
  if (unclear.length > 0) return undetermined(unclear);
  try {
    const next = nextHops(new View(config));
    return {
      kind: "known",
      answers,
      nextHops: next.hops,
      ...(next.unknown.length > 0 ? { unknownHops: next.unknown } : {}),
      ...heloName(new View(config)),
    };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { kind: "known", answers, nextHops: [], unknownHops: [{ text: error.message, at: { urn: input.host } }] };
  }
}

/** HELO name of outbound deliveries, if the configuration says; the name of the machine is not known here. */
function heloName(view: View): { heloName?: { name: string; line: Reason } } {
  const line = view.isSet("smtp_helo_name") ? "smtp_helo_name" : "myhostname";
  try {
    const name = view.get("smtp_helo_name").toLowerCase();
    return name.endsWith(".invalid") || name === "" ? {} : { heloName: { name, line: view.quote(line) } };
  } catch (error) {
    if (error instanceof Unreadable) return {};
    throw error;
  }
}

function undetermined(why: readonly Reason[]): HostMta {
  return { kind: "undetermined", why, signs: true };
}
