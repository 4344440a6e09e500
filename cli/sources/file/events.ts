import { z } from "zod";
import { InputError } from "../input-error";
import { isRecord } from "../yaml-file";
import { diagnostic, failureOf } from "./failure";
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
  diagnosticEvent: diagnostic.optional(),
  policyEvent: z.object({ enforcementLevel: z.string().nullish() }).optional(),
  summaryEvent: z.object({ result: z.string().nullish(), isPreview: z.boolean().nullish() }).optional(),
});

type Event = z.output<typeof event>;

export function isEvent(value: unknown): boolean {
  if (!isRecord(value)) return false;
  return Object.keys(value).some((key) => key.endsWith("Event")) && ("sequence" in value || "timestamp" in value);
}

export function readEvents(name: string, values: readonly unknown[]): Recorded {
  let events: Event[] = [];
  for (const [i, value] of values.entries()) {
    const at = `event ${i + 1}`;
    if (!isEvent(value)) throw new InputError(`${name}: ${at}: expected an event of Pulumi's engine`);
    const read = readPart(name, at, event, value);
    // An update that is previewed first: what counts is what came last.
    if (read.preludeEvent !== undefined) events = [];
    events.push(read);
  }
  checkOutcome(name, events);
  return { kind: "events", resources: resourcesAfter(events.flatMap(stepsOf)), warnings: [] };
}

/** @throws InputError unless the events show all that the operation does. */
function checkOutcome(name: string, events: readonly Event[]): void {
  const failure = failureOf(events.flatMap(({ diagnosticEvent }) => diagnosticEvent ?? []));
  const summary = events.findLast(({ summaryEvent }) => summaryEvent !== undefined)?.summaryEvent;
  // A preview goes on where a policy would stop the update.
  const policyAlone =
    failure?.unexplained === true &&
    summary?.isPreview === true &&
    events.some(({ policyEvent }) => policyEvent?.enforcementLevel === "mandatory");
  if (failure !== null && !policyAlone) throw new InputError(`${name}: the operation failed: ${failure.reason}`);
  if (summary === undefined)
    throw new InputError(`${name}: the log ends before the operation does: its summary is missing`);
  if (!policyAlone && (summary.result ?? "succeeded") !== "succeeded")
    throw new InputError(`${name}: the operation ${summary.result}, and shows a part of the stack only`);
}

function stepsOf({ resOutputsEvent, resourcePreEvent }: Event): Step[] {
  const step = resOutputsEvent ?? resourcePreEvent;
  return step === undefined ? [] : [step.metadata];
}
