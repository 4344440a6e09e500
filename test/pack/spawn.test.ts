import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Analyzer } from "./analyzer";

/**
 * The pack as Pulumi loads it: the folder `policies`, compiled with type check by the SDK's own runner, in a process of its own.
 */
const pack = join(__dirname, "../../policies");
let engine: grpc.Server;
let child: ChildProcess;
let analyzer: Analyzer;

beforeAll(async () => {
  engine = new grpc.Server();
  engine.addService(EngineService, {
    log: (_: unknown, done: (error: null, empty: Empty) => void) => done(null, new Empty()),
  });
  const address = await new Promise<number>((resolve, reject) =>
    engine.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    ),
  );
  const runner = createRequire(join(pack, "index.js")).resolve("@pulumi/pulumi/cmd/run-policy-pack");
  child = spawn(process.execPath, [runner, `127.0.0.1:${address}`, pack], {
    cwd: pack,
    stdio: ["ignore", "pipe", "pipe"],
  });
  analyzer = new Analyzer(await portOf(child));
}, 120_000);

afterAll(() => {
  analyzer?.close();
  child?.kill();
  engine?.forceShutdown();
});

function portOf(running: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let out = "";
    running.stdout?.on("data", (chunk) => {
      out += chunk;
      if (/^\d+\n/.test(out)) resolve(Number.parseInt(out, 10));
    });
    running.stderr?.on("data", (chunk) => {
      out += chunk;
    });
    running.on("exit", (code) => reject(new Error(`the pack ended with ${code}: ${out}`)));
  });
}

it("loads, describes every policy, and judges a stack", async () => {
  const info = await analyzer.info();
  expect(info.name).toBe("relayproof");
  const names = info.policiesList.map((policy) => policy.name);
  expect(names[0]).toBe("perimeter");
  expect(names).toContain("open-relay-path");
  await analyzer.configure({ perimeter: { props: { undetermined: "sometimes" } } });
  const stack = {
    urn: "urn:pulumi:dev::mail::pulumi:pulumi:Stack::mail-dev",
    type: "pulumi:pulumi:Stack",
    provider: false,
  };
  expect(await analyzer.analyzeStack([stack])).toMatchObject([
    { policy: "perimeter", level: "mandatory", message: expect.stringContaining("perimeter.undetermined") },
  ]);
  await analyzer.configure({});
  expect(await analyzer.analyzeStack([stack])).toEqual([]);
});
