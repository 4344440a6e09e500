import { z } from "zod";
import { InputError } from "../input-error";
import { diagnostic, failureOf } from "./failure";
import { type Recorded, recordedResource, urn } from "./resource";
import { readPart } from "./schema";
import { resourcesAfter } from "./steps";

/** A preview as one document: what `pulumi preview --json` writes (pulumi/pulumi, pkg/display/json.go, `PreviewDigest`). */

const state = recordedResource.nullish().transform((value) => value ?? undefined);

const digest = z.object({
  steps: z
    .array(
      z.object({ op: z.string("expected an operation"), urn, oldState: state, newState: state }, "expected a step"),
      "expected a list of steps",
    )
    .nullish(),
  diagnostics: z.array(diagnostic, "expected a list").nullish(),
  changeSummary: z.record(z.string(), z.number(), "expected an object").nullish(),
});

export function isPreview(file: Readonly<Record<string, unknown>>): boolean {
  return "steps" in file || "changeSummary" in file;
}

export function readPreview(name: string, file: Readonly<Record<string, unknown>>): Recorded {
  const { steps, diagnostics, changeSummary } = readPart(name, "", digest, file);
  const failure = failureOf(diagnostics ?? []);
  if (failure !== null) {
    const hint = failure.unexplained ? " (if only on a policy, make the file without policy packs)" : "";
    throw new InputError(`${name}: the preview failed: ${failure.reason}${hint}`);
  }
  if (!changeSummary) throw new InputError(`${name}: the preview did not come to its end: changeSummary is missing`);
  const unchanged = (steps ?? []).filter(({ op }) => op === "same").length;
  const missing = (changeSummary.same ?? 0) - unchanged;
  if (missing > 0)
    throw new InputError(
      `${name}: ${missing} resources that do not change are left out; make the file with pulumi preview --json --show-sames`,
    );
  return {
    kind: "preview",
    resources: resourcesAfter((steps ?? []).map((step) => ({ ...step, old: step.oldState, new: step.newState }))),
    warnings: [],
  };
}
