import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Service } from "./provider";
import type { Props, Value } from "./values";

/** The folder of what no emulator holds, one file a resource: the tests name it, and look into it. */
const folder = () => process.env.RELAYPROOF_TEST_STORE ?? "";

/**
 * Keeps resources in files and refuses nothing.
 *
 * @param prefix of ids
 * @param made values of outputs that only the provider sets
 */
export function fileService(prefix: string, made: (id: string) => Props): Service {
  const fileOf = (id: string) => join(folder(), `${id.replace(/[^\w.-]/g, "_")}.json`);
  const write = (id: string, inputs: Props) => {
    mkdirSync(folder(), { recursive: true });
    writeFileSync(fileOf(id), JSON.stringify({ id, prefix, inputs }));
  };
  return {
    create: async (inputs) => {
      const id = `${prefix}-${randomBytes(8).toString("hex")}`;
      write(id, inputs);
      return id;
    },
    read: async (id) => {
      if (!existsSync(fileOf(id))) return null;
      const { inputs } = JSON.parse(readFileSync(fileOf(id), "utf8"));
      return { ...made(id), ...unmarked(inputs) };
    },
    update: async (id, _old, news) => write(id, news),
    delete: async (id) => rmSync(fileOf(id), { force: true }),
  };
}

/** Without the bookkeeping of the bridge. */
function unmarked(props: Props): Props {
  const plain = (value: Value): Value => {
    if (Array.isArray(value)) return value.map(plain);
    return typeof value === "object" && value !== null ? unmarked(value as Props) : value;
  };
  const own = Object.entries(props).filter(([key]) => key !== "__defaults");
  return Object.fromEntries(own.map(([key, value]) => [key, plain(value)]));
}
