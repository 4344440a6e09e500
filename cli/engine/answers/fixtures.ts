import { InputError } from "../../sources/input-error";
import { isRecord, readYaml } from "../../sources/yaml-file";
import type { WireObject } from "../wire";

/**
 * What somebody with the cloud account knows, in a YAML or JSON file:
 *
 * ```yaml
 * invokes:                       # answers of data sources; the first whose arguments all agree
 *   - token: aws:ec2/getVpc:getVpc
 *     args: { default: true }
 *     result: { id: vpc-0a1b, cidrBlock: 172.31.0.0/16 }
 * reads:                         # resources that the program reads with .get()
 *   - type: aws:ec2/vpc:Vpc
 *     id: vpc-0a1b
 *     properties: { cidrBlock: 172.31.0.0/16 }
 * stackReferences:               # outputs of other stacks
 *   acme/network/prod: { vpcId: vpc-0a1b }
 * config:                        # values in place of encrypted ones
 *   mail:relayPassword: example
 * ```
 */
export interface Fixtures {
  readonly invokes: readonly { readonly token: string; readonly args: WireObject; readonly result: WireObject }[];
  readonly reads: readonly { readonly type: string; readonly id: string; readonly properties: WireObject }[];
  readonly stackReferences: ReadonlyMap<string, WireObject>;
  readonly config: ReadonlyMap<string, string>;
}

export const NO_FIXTURES: Fixtures = { invokes: [], reads: [], stackReferences: new Map(), config: new Map() };

/** @throws InputError with file and line if the file does not parse or holds something else. */
export function readFixtures(path: string): Fixtures {
  const file = readYaml(path);
  const root = file.value ?? {};
  const fail = (keys: readonly (string | number)[], expected: string): never => {
    throw new InputError(`${file.at(keys)}: ${keys.join(".") || "the file"}: ${expected} was expected.`);
  };
  if (!isRecord(root)) {
    return fail([], "a mapping");
  }
  for (const key of Object.keys(root)) {
    if (!["invokes", "reads", "stackReferences", "config"].includes(key)) {
      fail([key], "invokes, reads, stackReferences or config");
    }
  }
  const list = (name: string): readonly Record<string, unknown>[] => {
    const items = root[name] ?? [];
    if (!Array.isArray(items)) {
      return fail([name], "a list");
    }
    return items.map((item, index) => (isRecord(item) ? item : fail([name, index], "a mapping")));
  };
  const text = (value: unknown, keys: readonly (string | number)[]): string =>
    typeof value === "string" && value !== "" ? value : fail(keys, "a text");
  const object = (value: unknown, keys: readonly (string | number)[]): WireObject =>
    isRecord(value) ? (value as WireObject) : fail(keys, "a mapping");
  const entries = (name: string) => Object.entries(object(root[name] ?? {}, [name]));
  return {
    invokes: list("invokes").map((item, index) => ({
      token: text(item.token, ["invokes", index, "token"]),
      args: object(item.args ?? {}, ["invokes", index, "args"]),
      result: object(item.result, ["invokes", index, "result"]),
    })),
    reads: list("reads").map((item, index) => ({
      type: text(item.type, ["reads", index, "type"]),
      id: text(item.id, ["reads", index, "id"]),
      properties: object(item.properties, ["reads", index, "properties"]),
    })),
    stackReferences: new Map(
      entries("stackReferences").map(([key, value]) => [key, object(value, ["stackReferences", key])]),
    ),
    config: new Map(
      entries("config").map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
    ),
  };
}
