import { z } from "zod";
import { InputError } from "../input-error";
import { isRecord } from "../yaml-file";
import { type Recorded, recordedResource, urn } from "./resource";
import { readPart } from "./schema";
import { resourcesAfter, type Step } from "./steps";

/**
 * The events of a preview or an update, one a line: what `--event-log` writes, and `--json` where it streams (pulumi/pulumi,
 * sdk/go/common/apitype/events.go, `EngineEvent`).
 */

const state = recordedResource.nullish().transform((value) => value ?? undefined);

const step = z.object(
  {
    metadata: z.object(
      { op: z.string("expected an operation"), urn, old: state, new: state },
      "expected what the step does",
    ),
  },
  "expected a step",
);

const event = z.object({
  preludeEvent: z.unknown().optional(),
  resourcePreEvent: step.optional(),
  resOutputsEvent: step.optional(),
  diagnosticEvent: z.object({ message: z.string().optional(), severity: z.string().optional() }).optional(),
  summaryEvent: z.object({ result: z.string().optional() }).optional(),
});

export function isEvent(value: unknown): boolean {
  if (!isRecord(value)) return false;
  return Object.keys(value).some((key) => key.endsWith("Event")) && ("sequence" in value || "timestamp" in value);
}

export function readEvents(name: string, values: readonly unknown[]): Recorded {
  let steps: Step[] = [];
  let failure: string | undefined;
  let result: string | undefined;
  let complete = false;
  for (const [i, value] of values.entries()) {
    const at = `event ${i + 1}`;
    if (!isEvent(value)) throw new InputError(`${name}: ${at}: expected an event of Pulumi's engine`);
    const read = readPart(name, at, event, value);
    if (read.preludeEvent !== undefined) {
      // An update that is previewed first: what counts is what came last.
      steps = [];
      failure = result = undefined;
      complete = false;
    }
    const metadata = (read.resOutputsEvent ?? read.resourcePreEvent)?.metadata;
    if (metadata !== undefined) steps.push(metadata);
    if (read.diagnosticEvent?.severity === "error") failure ??= read.diagnosticEvent.message;
    if (read.summaryEvent !== undefined) {
      complete = true;
      result = read.summaryEvent.result;
    }
  }
  if (failure !== undefined || (result !== undefined && result !== "succeeded"))
    throw new InputError(`${name}: the operation ${result ?? "failed"}: ${failure ?? "no reason given"}`);
  if (!complete) throw new InputError(`${name}: the log ends before the operation does: its summary is missing`);
  return { kind: "events", resources: resourcesAfter(steps), warnings: [] };
}
