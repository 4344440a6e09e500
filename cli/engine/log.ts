import type * as grpc from "@grpc/grpc-js";
import * as proto from "@pulumi/pulumi/proto/engine_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { unary } from "./messages";

export interface EngineLog {
  readonly warnings: string[];
  readonly errors: string[];
  readonly onError: () => void;
}

/** Pulumi's `Engine` service: what a program logs, and the root of its resources. */
export function engineService(log: EngineLog): grpc.UntypedServiceImplementation {
  let root = "";
  return {
    log: unary((request: proto.LogRequest) => {
      if (request.getSeverity() === proto.LogSeverity.ERROR) {
        log.errors.push(request.getMessage());
        log.onError();
      } else if (request.getSeverity() === proto.LogSeverity.WARNING) {
        log.warnings.push(request.getMessage());
      }
      return new Empty();
    }),
    getRootResource: unary(() => new proto.GetRootResourceResponse().setUrn(root)),
    setRootResource: unary((request: proto.SetRootResourceRequest) => {
      root = request.getUrn();
      return new proto.SetRootResourceResponse();
    }),
    startDebugging: unary(() => new Empty()),
    requirePulumiVersion: unary(() => new proto.RequirePulumiVersionResponse()),
  };
}
