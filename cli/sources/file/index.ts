import { type ResourceSnapshot, Unknown, type Value } from "../../../policies/analysis/model/snapshot";
import { parseUrn, STACK_TYPE } from "../../engine/urn";
import { InputError } from "../input-error";
import { parseJsonValues } from "../json-file";
import type { LoadedStack } from "../loaded-stack";
import { inputName, readText } from "../text-file";
import { isRecord } from "../yaml-file";
import { isDeployment, readDeployment } from "./deployment";
import { isEvent, readEvents } from "./events";
import { isPreview, readPreview } from "./preview";
import type { Recorded } from "./resource";
import { toSnapshot } from "./snapshot";

/**
 * Reads what Pulumi wrote about a stack, whatever language its program is in: `pulumi preview --json`, `pulumi stack export`, or the
 * events of an operation. A preview or an update is judged as the stack will be after it.
 *
 * @param path a file, or `-` for standard input
 * @throws InputError if the file cannot be read, is none of these, or does not show the whole stack.
 */
export async function loadFile(path: string): Promise<LoadedStack> {
  return toStack(inputName(path), await readValues(path));
}

/** The JSON values in a file or on standard input. */
export async function readValues(path: string): Promise<unknown[]> {
  const name = inputName(path);
  const text = await readText(path);
  if (text.trim() === "") throw new InputError(`${name}: empty`);
  return parseJsonValues(name, text);
}

/**
 * The stack that the values of a file show; `name` is what messages call it.
 *
 * @param expected what a message says that the file should be, if it is nothing that Pulumi writes
 */
export function toStack(name: string, values: readonly unknown[], expected = PULUMI_FILES): LoadedStack {
  const recorded = recognize(name, values, expected);
  const resources = recorded.resources.map((resource) => toSnapshot(resource, recorded.kind));
  checkUnique(name, resources);
  const { stack, project } = ownerOf(name, resources);
  const warnings = [...recorded.warnings];
  if (recorded.kind === "events" && resources.some((resource) => holdsUnknown(resource.properties)))
    warnings.push("events do not tell what an unknown value depends on; pulumi preview --json does");
  const root = resources.find((resource) => resource.type === STACK_TYPE);
  return {
    stack,
    project,
    resources,
    outputs: root?.properties ?? {},
    warnings: warnings.map((warning) => `${name}: ${warning}`),
  };
}

/** What Pulumi writes about a stack. */
export const PULUMI_FILES = "what pulumi preview --json, pulumi stack export or --event-log writes";

function recognize(name: string, values: readonly unknown[], expected: string): Recorded {
  const [first] = values;
  if (isRecord(first)) {
    if (isEvent(first)) return readEvents(name, values);
    if (values.length === 1) {
      if (Array.isArray(first.events)) return readEvents(name, first.events);
      if (isDeployment(first)) return readDeployment(name, first);
      if (isPreview(first)) return readPreview(name, first);
    }
  }
  throw new InputError(`${name}: not recognised; expected ${expected}`);
}

function checkUnique(name: string, resources: readonly ResourceSnapshot[]): void {
  const seen = new Set<string>();
  for (const { urn } of resources) {
    if (seen.has(urn)) throw new InputError(`${name}: the resource ${urn} stands twice`);
    seen.add(urn);
  }
}

/** A stack is named by its resources alone. */
function ownerOf(name: string, resources: readonly ResourceSnapshot[]): { stack: string; project: string } {
  const [first, ...others] = resources;
  if (first === undefined) throw new InputError(`${name}: there are no resources in it to judge`);
  const { stack, project } = parseUrn(first.urn);
  for (const { urn } of others) {
    const other = parseUrn(urn);
    if (other.stack !== stack || other.project !== project)
      throw new InputError(`${name}: resources of two stacks, ${project}/${stack} and ${other.project}/${other.stack}`);
  }
  return { stack, project };
}

function holdsUnknown(value: Value): boolean {
  if (typeof value !== "object" || value === null) return false;
  return value instanceof Unknown || Object.values(value).some(holdsUnknown);
}
