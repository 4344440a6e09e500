import type { Urn } from "../../policies/analysis/model/snapshot";

export const STACK_TYPE = "pulumi:pulumi:Stack";

export interface UrnParts {
  readonly stack: string;
  readonly project: string;
  /** Types of the ancestors and of the resource itself, outermost first. The stack is not among them. */
  readonly types: readonly string[];
  readonly name: string;
}

/** The URN that Pulumi's engine gives to a resource: with the types of all its ancestors but the stack. */
export function makeUrn(stack: string, project: string, parent: Urn | undefined, type: string, name: string): Urn {
  const ancestors = parent === undefined ? [] : parseUrn(parent).types.filter((ancestor) => ancestor !== STACK_TYPE);
  return `urn:pulumi:${stack}::${project}::${[...ancestors, type].join("$")}::${name}`;
}

/** Names may contain `::`; nothing else may. */
export function parseUrn(urn: Urn): UrnParts {
  const [head = "", project = "", types = "", ...name] = urn.split("::");
  return { stack: head.replace(/^urn:pulumi:/, ""), project, types: types.split("$"), name: name.join("::") };
}
