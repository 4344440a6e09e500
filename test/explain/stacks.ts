import { expect } from "vitest";
import { chooseSource, chooseTarget } from "../../cli/commands/choose-host";
import { renderExplanation } from "../../cli/report/explanation-pretty";
import { safeJson } from "../../cli/report/safe-json";
import { explanation } from "../../docs/generate/explanation-schema";
import type { ResourceSnapshot } from "../../policies/analysis/model/snapshot";
import { type Explanation, explainReach } from "../../policies/analysis/verdict/explanation";
import { buildPerimeter, type Perimeter } from "../../policies/analysis/verdict/perimeter";
import { parsePolicyConfig } from "../../policies/config";
import { policies } from "../../policies/rules";

export function perimeter(snapshots: readonly ResourceSnapshot[]): Perimeter {
  return buildPerimeter(snapshots, parsePolicyConfig({}, policies).settings);
}

/** The answer to one question about a stack. */
export function explained(snapshots: readonly ResourceSnapshot[], source: string, target: string): Explanation {
  const model = perimeter(snapshots);
  const { view, port } = chooseTarget(model, target);
  const found = explainReach(model, "test", chooseSource(model, source), view, port);
  // The published schema holds for whatever is asked.
  expect(explanation.parse(JSON.parse(safeJson(found)))).toEqual(found);
  return found;
}

/** The same as a user reads it in 80 columns. */
export function shown(snapshots: readonly ResourceSnapshot[], source: string, target: string): string {
  return renderExplanation(explained(snapshots, source, target), { color: false, width: 80 });
}
