import type * as grpc from "@grpc/grpc-js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Urn } from "../../policies/analysis/model/snapshot";
import type { Position } from "./location";
import type { Wire, WireObject } from "./wire";

/** Small adapters between protobuf messages and plain values. */

export function toObject(struct: Struct | undefined): WireObject {
  return (struct?.toJavaScript() ?? {}) as WireObject;
}

export function toStruct(object: WireObject): Struct {
  return Struct.fromJavaScript(object as { [key: string]: Exclude<Wire, readonly Wire[] | WireObject> });
}

interface PositionMessage {
  getUri(): string;
  getLine(): number;
  getColumn(): number;
}

interface Positioned {
  getSourceposition(): PositionMessage | undefined;
  getStacktrace(): { getFramesList(): { getPc(): PositionMessage | undefined }[] } | undefined;
}

/** The reported position, then those of its callers. */
export function positionsOf(request: Positioned): (Position | undefined)[] {
  const frames = request.getStacktrace()?.getFramesList() ?? [];
  return [request.getSourceposition(), ...frames.map((frame) => frame.getPc())].map(
    (position) => position && { uri: position.getUri(), line: position.getLine(), column: position.getColumn() },
  );
}

export function dependencyMap(map: {
  forEach(visit: (value: { getUrnsList(): string[] }, key: string) => void): void;
}): Map<string, readonly Urn[]> {
  const result = new Map<string, readonly Urn[]>();
  map.forEach((value, key) => {
    result.set(key, value.getUrnsList());
  });
  return result;
}

/** Turns a function into a gRPC method. What it throws reaches the program as the error of its call. */
export function unary<Request, Response>(
  answer: (request: Request) => Response | Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => answer(call.request))
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback({ code: 2, details: error instanceof Error ? error.message : String(error) }),
      );
  };
}
