import type { HostMta } from "../../../policies/analysis/mta";
import { evaluatePostfix } from "../../../policies/analysis/mta/postfix/evaluate";
import { sourceLines } from "../../../policies/analysis/mta/postfix/lines";
import { type Configuration, forTheLab } from "./postfix-files";

/** What the evaluator makes of a configuration, with what the lab adds to it. */
export function evaluate(it: Configuration): HostMta {
  const files = Object.entries(it.files ?? {}).map(([path, text]) => [path, sourceLines(text, "host", path)] as const);
  return evaluatePostfix({
    host: "host",
    mainCf: sourceLines(forTheLab + it.main, "host", "main.cf"),
    masterCf: sourceLines(it.master, "host", "master.cf"),
    files: new Map(files),
    compiled: new Set(it.compiled),
  });
}
