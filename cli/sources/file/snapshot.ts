import type { ResourceSnapshot, SourceLocation, Urn } from "../../../policies/analysis/model/snapshot";
import { addOutputs, MASKED, SENTINELS, withDropped } from "../../../policies/pack/properties";
import { parseUrn } from "../../engine/urn";
import type { Recorded, RecordedResource } from "./resource";
import { readValues } from "./value";

/**
 * A resource of a file as a snapshot. Inputs stand as the program gave them, outputs add to them; a resource that is only read has
 * nothing but outputs once the provider has been asked.
 */
export function toSnapshot(resource: RecordedResource, kind: Recorded["kind"]): ResourceSnapshot {
  const dependencies = propertyDependenciesOf(resource);
  const dependsOn = (property: string) => (Object.hasOwn(dependencies, property) ? (dependencies[property] ?? []) : []);
  const isMasked = (text: string) => (kind === "events" ? text.includes(MASKED) : text === MASKED);
  const inputs = readValues(resource.inputs ?? {}, dependsOn, isMasked);
  const outputs = readValues(resource.outputs ?? {}, dependsOn, isMasked);
  const { urn, type, custom, external, id, parent } = resource;
  const properties = external
    ? { ...inputs.values, ...outputs.values }
    : withDropped(addOutputs(inputs.values, outputs.values, custom), dependencies);
  const secrets = new Set([...inputs.secrets, ...outputs.secrets]);
  const location = locationOf(resource);
  return {
    urn,
    type,
    name: parseUrn(urn).name,
    ...(id !== undefined && id !== "" && !SENTINELS.has(id) && { id }),
    custom,
    external,
    properties,
    propertyDependencies: dependencies,
    ...(secrets.size > 0 && { secrets }),
    ...(parent !== undefined && parent !== "" && { parent }),
    ...(location !== undefined && { location }),
  };
}

function propertyDependenciesOf(resource: RecordedResource): Readonly<Record<string, readonly Urn[]>> {
  const entries = Object.entries(resource.propertyDependencies ?? {});
  return Object.fromEntries(entries.flatMap(([key, urns]) => (urns && urns.length > 0 ? [[key, urns]] : [])));
}

/** `project:///stacks/index.ts#12,5`: the first position that lies in the project and not in a dependency of it. */
function locationOf(resource: RecordedResource): SourceLocation | undefined {
  const positions = [resource.sourcePosition, ...(resource.stackTrace ?? []).map((frame) => frame.sourcePosition)];
  for (const position of positions) {
    const [, path, line, column] = /^project:\/\/\/([^#]+)#(\d{1,9})(?:,(\d{1,9}))?$/.exec(position ?? "") ?? [];
    const file = path === undefined ? undefined : decode(path);
    if (file === undefined || file.split("/").some((part) => part === ".." || part === "node_modules")) continue;
    return { file, line: Number(line), column: Number(column ?? 1) };
  }
  return undefined;
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
