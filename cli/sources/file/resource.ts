import { z } from "zod";
import { isRecord } from "../yaml-file";

/**
 * A resource as Pulumi's engine writes it down: `ResourceV3` of a deployment and of a preview, `StepEventStateMetadata` of an event
 * (pulumi/pulumi, sdk/go/common/apitype/core.go and events.go). An event knows neither dependencies nor positions.
 */
export type RecordedResource = z.output<typeof recordedResource>;

export const urn = z
  .string("expected a URN")
  .regex(/^urn:pulumi:[^:]+::[^:]+::[^:]*:[^:]*:[^:].*::/s, "expected a URN, urn:pulumi:STACK::PROJECT::TYPE::NAME");

export const object = z.custom<Readonly<Record<string, unknown>>>(isRecord, "expected an object");

const optional = <S extends z.ZodType>(schema: S) => schema.nullish().transform((value) => value ?? undefined);
const text = optional(z.string("expected a text"));
const flag = optional(z.boolean("expected true or false")).transform((value) => value ?? false);
const urns = optional(z.array(z.string("expected a URN"), "expected a list of URNs"));
const frame = z.object({ sourcePosition: text }, "expected an object");

export const recordedResource = z.object(
  {
    urn,
    type: z.string("expected a type token"),
    custom: flag,
    external: flag,
    /** The resource waits to be deleted: another one has taken its place. */
    delete: flag,
    id: text,
    parent: text,
    inputs: optional(object),
    outputs: optional(object),
    propertyDependencies: optional(z.record(z.string(), urns, "expected an object")),
    sourcePosition: text,
    stackTrace: optional(z.array(frame, "expected a list")),
  },
  "expected a resource",
);

/** What a file holds, after whatever change it is about. */
export interface Recorded {
  readonly resources: readonly RecordedResource[];
  /** Events name no dependencies, and mask secrets inside of other texts too. */
  readonly kind: "state" | "preview" | "events";
  /** What is missing or left out, one line each. */
  readonly warnings: readonly string[];
}
