import { z } from "zod";
import { InputError } from "../input-error";
import { object, type Recorded, type RecordedResource, recordedResource } from "./resource";
import { readPart } from "./schema";

/**
 * A state: what `pulumi stack export` writes, or a checkpoint of the file backend.
 * Version 3 holds what this reads, 4 adds to it (pulumi/pulumi, sdk/go/common/apitype/core.go, `DeploymentV3`).
 */

const VERSIONS = [3, 4];

const deployment = z.object(
  {
    resources: z.array(recordedResource, "expected a list of resources").nullish(),
    pending_operations: z
      .array(z.object({ resource: recordedResource, type: z.string() }, "expected an operation"), "expected a list")
      .nullish(),
  },
  "expected an object",
);

export function isDeployment(file: Readonly<Record<string, unknown>>): boolean {
  return "deployment" in file || "checkpoint" in file || ("manifest" in file && "resources" in file);
}

export function readDeployment(name: string, file: Readonly<Record<string, unknown>>): Recorded {
  const { version } = file;
  if (version !== undefined && !VERSIONS.includes(version as number))
    throw new InputError(
      `${name}: version: ${JSON.stringify(version)}: expected a state of version ${VERSIONS.join(" or ")}`,
    );
  const [at, value] = locate(name, file);
  const { resources, pending_operations } = readPart(name, at, deployment, value);
  const all = resources ?? [];
  const kept = all.filter((resource) => !resource.delete);
  const interrupted = (pending_operations ?? []).map(({ resource }) => resource);
  return {
    kind: "state",
    resources: kept,
    warnings: [
      ...warning(
        all.filter((resource) => resource.delete),
        "replaced already but not deleted yet, and not judged",
      ),
      ...warning(interrupted, "in the middle of an operation that was interrupted: what became of it is not known"),
    ],
  };
}

function locate(name: string, file: Readonly<Record<string, unknown>>): [string, unknown] {
  if ("deployment" in file) return ["deployment", file.deployment];
  if (!("checkpoint" in file)) return ["", file];
  return ["checkpoint.latest", readPart(name, "checkpoint", object, file.checkpoint).latest ?? {}];
}

const SHOWN = 3;

function warning(resources: readonly RecordedResource[], what: string): string[] {
  if (resources.length === 0) return [];
  const names = resources.slice(0, SHOWN).map((resource) => resource.urn);
  const rest = resources.length - names.length;
  return [`${names.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}: ${what}`];
}
