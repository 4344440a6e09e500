import * as grpc from "@grpc/grpc-js";
import type { PolicyPackArgs } from "@pulumi/policy";
import * as sdkServer from "@pulumi/policy/server.js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { vi } from "vitest";

/** The SDK exports it to itself only, and keeps it out of its types. */
const { serve } = sdkServer as unknown as {
  serve(name: string, version: string, level: "advisory", args: PolicyPackArgs): void;
};

/** What the engine sends for any value that is not known yet. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export interface WireResource {
  readonly urn: string;
  readonly type: string;
  readonly props?: object;
  readonly parent?: string;
  readonly provider?: boolean;
  readonly dependencies?: Readonly<Record<string, readonly string[]>>;
}

export interface Diagnostic {
  readonly policy: string;
  readonly level: "advisory" | "mandatory";
  readonly severity: string;
  readonly urn: string;
  readonly message: string;
}

/** A client of an analyzer, speaking as Pulumi's engine does. */
export class Analyzer {
  readonly #client: AnalyzerClient;

  constructor(port: number) {
    this.#client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  }

  /** Serves a pack through the SDK's own server in this process. One process serves one pack only. */
  static async serve(args: PolicyPackArgs): Promise<Analyzer> {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    try {
      serve("relayproof", "0.1.0", "advisory", args);
      await vi.waitFor(() => {
        if (log.mock.calls.length === 0) throw new Error("the analyzer has not printed its port");
      });
      return new Analyzer(Number(log.mock.calls[0]?.[0]));
    } finally {
      log.mockRestore();
    }
  }

  close(): void {
    this.#client.close();
  }

  info(): Promise<proto.AnalyzerInfo.AsObject> {
    return call<proto.AnalyzerInfo>((done) => this.#client.getAnalyzerInfo(new Empty(), done)).then((info) =>
      info.toObject(),
    );
  }

  /** Each value is what Pulumi's CLI makes of a section: a level and the other properties. */
  async configure(
    sections: Readonly<Record<string, { level?: "advisory" | "mandatory" | "disabled"; props?: object }>>,
  ) {
    const request = new proto.ConfigureAnalyzerRequest();
    const levels = proto.EnforcementLevel;
    for (const [name, { level, props }] of Object.entries(sections)) {
      const config = new proto.PolicyConfig();
      config.setEnforcementlevel(
        { advisory: levels.ADVISORY, mandatory: levels.MANDATORY, disabled: levels.DISABLED }[level ?? "mandatory"],
      );
      config.setProperties(struct(props ?? {}));
      request.getPolicyconfigMap().set(name, config);
    }
    await call<Empty>((done) => this.#client.configure(request, done));
  }

  async analyze(resource: WireResource): Promise<Diagnostic[]> {
    const request = new proto.AnalyzeRequest();
    request.setType(resource.type);
    request.setUrn(resource.urn);
    request.setName(nameOf(resource.urn));
    request.setProperties(struct(resource.props ?? {}));
    request.setOptions(new proto.AnalyzerResourceOptions());
    if (resource.provider !== false) request.setProvider(provider());
    return toDiagnostics(await call<proto.AnalyzeResponse>((done) => this.#client.analyze(request, done)));
  }

  async analyzeStack(resources: readonly WireResource[]): Promise<Diagnostic[]> {
    const request = new proto.AnalyzeStackRequest();
    request.setResourcesList(
      resources.map((resource) => {
        const wire = new proto.AnalyzerResource();
        wire.setType(resource.type);
        wire.setUrn(resource.urn);
        wire.setName(nameOf(resource.urn));
        wire.setProperties(struct(resource.props ?? {}));
        wire.setOptions(new proto.AnalyzerResourceOptions());
        if (resource.parent !== undefined) wire.setParent(resource.parent);
        if (resource.provider !== false) wire.setProvider(provider());
        for (const [key, urns] of Object.entries(resource.dependencies ?? {})) {
          const dependencies = new proto.AnalyzerPropertyDependencies();
          dependencies.setUrnsList([...urns]);
          wire.getPropertydependenciesMap().set(key, dependencies);
        }
        return wire;
      }),
    );
    return toDiagnostics(await call<proto.AnalyzeResponse>((done) => this.#client.analyzeStack(request, done)));
  }
}

function call<T>(start: (done: (error: grpc.ServiceError | null, value?: T) => void) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => (error === null && value !== undefined ? resolve(value) : reject(error)));
  });
}

function struct(value: object): Struct {
  return Struct.fromJavaScript(JSON.parse(JSON.stringify(value)));
}

function provider(): proto.AnalyzerProviderResource {
  const wire = new proto.AnalyzerProviderResource();
  wire.setType("pulumi:providers:aws");
  wire.setUrn("urn:pulumi:dev::mail::pulumi:providers:aws::default");
  wire.setName("default");
  wire.setProperties(struct({}));
  return wire;
}

function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

function toDiagnostics(response: proto.AnalyzeResponse): Diagnostic[] {
  const severities = ["unspecified", "low", "medium", "high", "critical"];
  return response.getDiagnosticsList().map((d) => ({
    policy: d.getPolicyname(),
    level: d.getEnforcementlevel() === proto.EnforcementLevel.MANDATORY ? "mandatory" : "advisory",
    severity: severities[d.getSeverity()] ?? String(d.getSeverity()),
    urn: d.getUrn(),
    message: d.getMessage(),
  }));
}
