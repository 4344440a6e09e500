import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { ServerWritableStream, ServiceDefinition, UntypedServiceImplementation } from "@grpc/grpc-js";
import * as grpc from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb.js";
import * as proto from "@pulumi/pulumi/proto/language_pb.js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb.js";
import { method, servePlugin } from "../plugin-server";

/**
 * A language host for Node, for tests: Pulumi's own is not among the Go modules that the CLI is built from. It starts programs, policy
 * packs and component packages with the SDK that they resolve, as Pulumi's does; it installs nothing and generates nothing.
 *
 * Protocol: `proto/pulumi/language.proto` of github.com/pulumi/pulumi.
 */

/** Exit status of a program whose errors are logged already: `sdk/nodejs/cmd/run/run.ts`. */
const ALREADY_LOGGED = 32;

const running = new Set<ChildProcess>();
let engine = process.argv.at(-1) ?? "";

servePlugin(
  LanguageRuntimeService as unknown as ServiceDefinition<UntypedServiceImplementation>,
  {
    handshake: method((request: proto.LanguageHandshakeRequest) => {
      engine = request.getEngineAddress();
      return new proto.LanguageHandshakeResponse();
    }),
    getPluginInfo: method(() => new PluginInfo().setVersion("0.0.0")),
    getRequiredPackages: method(() => new proto.GetRequiredPackagesResponse()),
    getRequiredPlugins: method(() => new proto.GetRequiredPluginsResponse()),
    about: method(() => new proto.AboutResponse().setExecutable(process.execPath).setVersion(process.version)),
    getProgramDependencies: method(() => new proto.GetProgramDependenciesResponse()),
    runtimeOptionsPrompts: method(() => new proto.RuntimeOptionsResponse()),
    installDependencies: (call: grpc.ServerWritableStream<proto.InstallDependenciesRequest, never>) => call.end(),
    run: method(run),
    runPlugin,
  },
  () => {
    for (const child of running) child.kill();
  },
);

async function run(request: proto.RunRequest): Promise<proto.RunResponse> {
  const info = request.getInfo();
  if (info === undefined) throw new Error("the engine named no program");
  const options = info.getOptions()?.toJavaScript() ?? {};
  const flags = {
    monitor: request.getMonitorAddress(),
    engine,
    organization: request.getOrganization(),
    project: request.getProject(),
    stack: request.getStack(),
    "root-directory": info.getRootDirectory(),
    pwd: request.getPwd(),
    parallel: String(request.getParallel()),
  };
  const child = start(
    info,
    "run",
    [
      ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]),
      ...(request.getDryrun() ? ["--dry-run"] : []),
      join(info.getProgramDirectory(), info.getEntryPoint()),
      ...request.getArgsList(),
    ],
    {
      cwd: request.getPwd(),
      stdio: "inherit",
      env: {
        ...process.env,
        PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().toArray())),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
        PULUMI_NODEJS_TYPESCRIPT: String(options.typescript ?? true),
        ...(typeof options.tsconfig === "string" && { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig }),
      },
    },
  );
  const status = await ended(child);
  const response = new proto.RunResponse();
  if (status === ALREADY_LOGGED) response.setBail(true);
  else if (status !== 0) response.setError(`Program exited with status ${status}`);
  return response;
}

function runPlugin(call: ServerWritableStream<proto.RunPluginRequest, proto.RunPluginResponse>): void {
  const { request } = call;
  const info = request.getInfo();
  if (info === undefined) throw new Error("the engine named no plugin");
  const directory = info.getProgramDirectory();
  const analyzer = request.getKind() === "analyzer";
  // A pack is told the engine's address and where it is; other plugins where they are, and then what the engine says.
  const [address = "", ...rest] = request.getArgsList();
  const args = analyzer ? [address, directory, ...rest.slice(1)] : [directory, address, ...rest];
  const child = start(info, analyzer ? "run-policy-pack" : "run-plugin", args, {
    cwd: analyzer ? directory : request.getPwd(),
    stdio: ["ignore", "pipe", "pipe"],
    env: Object.fromEntries(request.getEnvList().map(splitVariable)),
  });
  child.stdout?.on("data", (chunk: Buffer) => call.write(new proto.RunPluginResponse().setStdout(chunk)));
  child.stderr?.on("data", (chunk: Buffer) => call.write(new proto.RunPluginResponse().setStderr(chunk)));
  call.on("cancelled", () => child.kill());
  ended(child).then(
    (status) => {
      call.write(new proto.RunPluginResponse().setExitcode(status));
      call.end();
    },
    (error: Error) => call.emit("error", { code: grpc.status.UNKNOWN, message: error.message }),
  );
}

type Spawn = Parameters<typeof spawn>[2];

/** Starts one of the commands of the SDK that the program resolves. */
function start(info: proto.ProgramInfo, command: string, args: readonly string[], options: Spawn): ChildProcess {
  const { resolve } = createRequire(join(info.getProgramDirectory(), "index.js"));
  const nodeArgs = info.getOptions()?.toJavaScript().nodeargs;
  const before = typeof nodeArgs === "string" ? nodeArgs.split(" ").filter((word) => word !== "") : [];
  const child = spawn(process.execPath, [...before, resolve(`@pulumi/pulumi/cmd/${command}`), ...args], { ...options });
  running.add(child);
  return child;
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      running.delete(child);
      resolve(code ?? 1);
    });
  });
}

function splitVariable(text: string): [string, string] {
  const at = text.indexOf("=", 1);
  return [text.slice(0, at), text.slice(at + 1)];
}
