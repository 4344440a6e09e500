import { spawn } from "node:child_process";
import { copyFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { GetSchemaRequest } from "@pulumi/pulumi/proto/provider_pb.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Report } from "../../policies/analysis/verdict/report";
import { type SpawnedPack, spawnPack } from "../pack/spawned";
import { freshFolder, npm, packed, root, run } from "./npm";

/** The package in a project of somebody else, installed from the file that npm would publish. */

const program = `
import { aws } from "relayproof";

const perimeter = new aws.MailPerimeter("mail", {
  domains: ["example.com"],
  hostnames: ["mx1.example.com"],
  exchangeServers: ["10.20.2.20"],
  exposure: aws.Exposure.Live,
});

export const publicAddresses = perimeter.publicAddresses;
`;

const compilerOptions = { strict: true, skipLibCheck: true, target: "es2022", noEmit: true, types: ["node"] };
const versions = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).devDependencies as Record<string, string>;

let folder: string;
let files: readonly string[];

beforeAll(() => {
  const { tarball, files: contents } = packed(root);
  files = contents;
  folder = freshFolder({
    "package.json": {
      name: "somebody-elses",
      private: true,
      dependencies: { relayproof: `file:${tarball}` },
      devDependencies: { "@types/node": versions["@types/node"], typescript: "6.0.3" },
    },
    "Pulumi.yaml": "name: somebody-elses\nruntime: nodejs\n",
    "Pulumi.dev.yaml": "config:\n  aws:region: eu-central-1\n",
    "index.ts": program,
    "tsconfig.json": { compilerOptions: { ...compilerOptions, module: "nodenext" }, files: ["index.ts"] },
    "tsconfig.old.json": {
      compilerOptions: { ...compilerOptions, module: "commonjs", moduleResolution: "node", ignoreDeprecations: "6.0" },
      files: ["index.ts"],
    },
  });
  npm(folder, "install");
});

it("holds what runs, and nothing of the workshop", () => {
  for (const file of ["cli/relayproof.js", "dist/cli/main.js", "dist/components/index.d.ts", "policies/dist/index.js"])
    expect(files).toContain(file);
  const unwanted = files.filter((file) => /^(test|bench|docs|stacks|examples)\/|(?<!\.d)\.ts$|node_modules/.test(file));
  expect(unwanted).toEqual([]);
});

it("brings one copy of each Pulumi SDK", () => {
  const tree = JSON.parse(run(folder, "npm", "ls", "--all", "--json", "@pulumi/pulumi", "@pulumi/aws"));
  const found = new Map<string, Set<string>>();
  const visit = (dependencies: Record<string, { version?: string; dependencies?: object }> = {}) => {
    for (const [name, { version, dependencies: inner }] of Object.entries(dependencies)) {
      if (version !== undefined) found.set(name, (found.get(name) ?? new Set()).add(version));
      visit(inner as typeof dependencies);
    }
  };
  visit(tree.dependencies);
  expect([found.get("@pulumi/pulumi")?.size, found.get("@pulumi/aws")?.size]).toEqual([1, 1]);
});

it.each(["tsconfig.json", "tsconfig.old.json"])("has types, by %s", (project) => {
  run(folder, "npx", "--no-install", "tsc", "--project", project);
});

function check(): Report {
  return JSON.parse(run(folder, "npx", "--no-install", "relayproof", "check", "--format", "json"));
}

it("checks a program that uses a component", () => {
  const report = check();
  expect(report).toMatchObject({ stack: "dev", verdict: "pass", findings: [] });
  expect(report.exposure.map(({ port, internet }) => [port, internet])).toEqual([[25, ["0.0.0.0/0"]]]);
});

describe("its policy pack", () => {
  let pack: SpawnedPack;
  beforeAll(async () => {
    pack = await spawnPack(join(folder, "node_modules/relayproof/policies"));
  });
  afterAll(() => pack?.stop());

  it("loads from inside of node_modules", async () => {
    const info = await pack.analyzer.info();
    expect(info).toMatchObject({
      name: "relayproof",
      version: JSON.parse(readFileSync(join(root, "policies/package.json"), "utf8")).version,
    });
    expect(info.policiesList.map(({ name }) => name)).toContain("open-relay-path");
  });
});

it("is a plugin that tells its schema", async () => {
  const plugin = join(folder, "node_modules/relayproof");
  const runner = join(folder, "node_modules/@pulumi/pulumi/cmd/run-plugin");
  const child = spawn(process.execPath, [runner, plugin, "127.0.0.1:1"], { cwd: folder });
  try {
    const port = await new Promise<string>((resolve, reject) => {
      child.stdout.on("data", (chunk: Buffer) => resolve(chunk.toString().trim()));
      child.stderr.on("data", (chunk: Buffer) => reject(new Error(chunk.toString())));
      child.on("exit", (code) => reject(new Error(`the plugin ended with ${code}`)));
    });
    const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    const schema = await new Promise<string>((resolve, reject) =>
      client.getSchema(new GetSchemaRequest(), (error, response) =>
        error === null ? resolve(response.getSchema()) : reject(error),
      ),
    );
    client.close();
    expect(schema).toBe(readFileSync(join(root, "components/schema.json"), "utf8"));
  } finally {
    child.kill();
  }
});

it("works where development dependencies are left out", () => {
  rmSync(join(folder, "node_modules"), { recursive: true });
  npm(folder, "ci", "--omit=dev");
  expect(check().verdict).toBe("pass");
});

it("installs as a clone without development dependencies, and says that nothing is built", () => {
  const clone = freshFolder({ "cli/build.mjs": "" });
  for (const file of ["package.json", "package-lock.json", "cli/prepare.mjs"])
    copyFileSync(join(root, file), join(clone, file));
  run(clone, "mkdir", "policies");
  copyFileSync(join(root, "policies/package.json"), join(clone, "policies/package.json"));
  npm(clone, "ci", "--omit=dev");
  expect(run(clone, "npm", "run", "prepare")).toContain(
    "nothing is built, because development dependencies are left out",
  );
});
