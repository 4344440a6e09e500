import type { RecordedResource } from "./resource";

/** What an operation does to one resource. */
export interface Step {
  readonly op: string;
  readonly urn: string;
  readonly old?: RecordedResource | undefined;
  readonly new?: RecordedResource | undefined;
}

/** They take away what another step of the same resource has replaced, or only look. */
const WITHOUT_EFFECT = new Set(["delete-replaced", "discard-replaced", "remove-pending-replace", "diff"]);
const DELETIONS = new Set(["delete", "discard"]);

/**
 * The resources after an operation, in the order in which it comes to them (pulumi/pulumi, pkg/resource/deploy/step.go). What an
 * operation does not name is not there: whether it names everything is for the caller to see.
 */
export function resourcesAfter(steps: Iterable<Step>): RecordedResource[] {
  const resources = new Map<string, RecordedResource>();
  for (const step of steps) {
    if (WITHOUT_EFFECT.has(step.op)) continue;
    if (DELETIONS.has(step.op)) {
      // What an earlier operation had replaced goes; its successor stays.
      if (step.old?.delete !== true) resources.delete(step.urn);
    } else if (step.new !== undefined) resources.set(step.urn, withIdentity(step.op, step.new, step.old));
  }
  return [...resources.values()];
}

/**
 * What stays the same and what is only updated keeps its id. A step is written down before it is taken, so that its new state has
 * neither id nor outputs yet; once taken, it has both.
 */
function withIdentity(op: string, now: RecordedResource, before: RecordedResource | undefined): RecordedResource {
  const keeps = op === "same" || op === "update" || op === "refresh";
  if (!keeps || before === undefined || (now.id !== undefined && now.id !== "")) return now;
  const kept = Object.entries(before.outputs ?? {}).filter(([key]) => op === "same" || /Id$/.test(key));
  return { ...now, id: before.id, outputs: { ...Object.fromEntries(kept), ...now.outputs } };
}
