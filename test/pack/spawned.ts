import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { Analyzer } from "./analyzer";

/** A policy pack as Pulumi starts it: by the SDK's own runner, which the pack resolves, in a process of its own. */
export interface SpawnedPack {
  readonly analyzer: Analyzer;
  stop(): void;
}

export async function spawnPack(folder: string): Promise<SpawnedPack> {
  const engine = new grpc.Server();
  engine.addService(EngineService, {
    log: (_: unknown, done: (error: null, empty: Empty) => void) => done(null, new Empty()),
  });
  const address = await new Promise<number>((resolve, reject) =>
    engine.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    ),
  );
  const runner = createRequire(join(folder, "index.js")).resolve("@pulumi/pulumi/cmd/run-policy-pack");
  const child = spawn(process.execPath, [runner, `127.0.0.1:${address}`, folder], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const analyzer = new Analyzer(await portOf(child));
  return {
    analyzer,
    stop: () => {
      analyzer.close();
      child.kill();
      engine.forceShutdown();
    },
  };
}

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
