import type * as grpc from "@grpc/grpc-js";
import type { Callback } from "@pulumi/pulumi/proto/callback_pb";
import * as provider from "@pulumi/pulumi/proto/provider_pb";
import * as proto from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Answers } from "./answers/answers";
import type { Deployment, Registered } from "./deployment";
import { locate } from "./location";
import { positionsOf, toObject, toStruct, unary } from "./messages";
import { Transforms } from "./transforms";
import { isObject, OPEN, SIGNATURE_KEY, Signature, type WireObject } from "./wire";

const FEATURES = new Set([
  "secrets",
  "resourceReferences",
  "outputValues",
  "aliasSpecs",
  "deletedWith",
  "replaceWith",
  "transforms",
  "invokeTransforms",
  "parameterization",
  "resourceHooks",
  "errorHooks",
]);

const STACK_REFERENCE = "pulumi:pulumi:StackReference";

export interface MonitorOptions {
  readonly deployment: Deployment;
  readonly answers: Answers;
  /** The project's directory, which source locations are relative to. */
  readonly directory: string;
  readonly onResource: (count: number) => void;
}

export interface Monitor {
  readonly service: grpc.UntypedServiceImplementation;
  close(): void;
}

/** Pulumi's `ResourceMonitor` service: every resource and every question of a program arrives here. */
export function monitorService(options: MonitorOptions): Monitor {
  const { deployment, answers } = options;
  const transforms = new Transforms();
  let count = 0;
  let packages = 0;

  const registerResource = async (request: proto.RegisterResourceRequest): Promise<proto.RegisterResourceResponse> => {
    const transformed = await transforms.resource(request);
    const parent = request.getParent();
    const location = locate(positionsOf(request), options.directory);
    const registered = deployment.register({
      type: request.getType(),
      name: request.getName(),
      custom: request.getCustom(),
      remote: request.getRemote(),
      inputs: transformed.inputs,
      propertyDependencies: transformed.propertyDependencies,
      secretOutputs: transformed.secretOutputs,
      ...(parent && { parent }),
      ...(transformed.importId && { importId: transformed.importId }),
      ...(location && { location }),
    });
    transforms.remember(registered.urn, parent, request.getTransformsList());
    options.onResource(++count);
    return registration(registered);
  };

  const readResource = (request: proto.ReadResourceRequest): proto.ReadResourceResponse => {
    const parent = request.getParent();
    const location = locate(positionsOf(request), options.directory);
    const type = request.getType();
    const state = toObject(request.getProperties());
    const known =
      type === STACK_REFERENCE ? answers.stackReference(request.getId()) : answers.read(type, request.getId());
    const registered = deployment.read(
      {
        type,
        name: request.getName(),
        id: request.getId(),
        state,
        secretOutputs: request.getAdditionalsecretoutputsList(),
        ...(parent && { parent }),
        ...(location && { location }),
      },
      known,
    );
    options.onResource(++count);
    return new proto.ReadResourceResponse().setUrn(registered.urn).setProperties(toStruct(registered.outputs));
  };

  const invoke = async (request: proto.ResourceInvokeRequest): Promise<provider.InvokeResponse> => {
    const token = request.getTok();
    const args = await transforms.invoke(request);
    const answer = token === "pulumi:pulumi:getResource" ? getResource(deployment, args) : answers.invoke(token, args);
    return new provider.InvokeResponse().setReturn(toStruct(answer));
  };

  const call = (request: proto.ResourceCallRequest): provider.CallResponse => {
    // A method of a component that its own package implements. Its result depends on the component.
    const response = new provider.CallResponse().setReturn(toStruct({ [OPEN]: true }));
    const self = toObject(request.getArgs()).__self__;
    if (isObject(self) && self[SIGNATURE_KEY] === Signature.Resource) {
      const dependencies = new provider.CallResponse.ReturnDependencies().setUrnsList([String(self.urn)]);
      response.getReturndependenciesMap().set("result", dependencies);
    }
    return response;
  };

  const service: grpc.UntypedServiceImplementation = {
    supportsFeature: unary((request: proto.SupportsFeatureRequest) =>
      new proto.SupportsFeatureResponse().setHassupport(FEATURES.has(request.getId())),
    ),
    registerResource: unary(registerResource),
    registerResourceOutputs: unary((request: proto.RegisterResourceOutputsRequest) => {
      deployment.addOutputs(request.getUrn(), toObject(request.getOutputs()));
      return new Empty();
    }),
    readResource: unary(readResource),
    invoke: unary(invoke),
    call: unary(call),
    registerStackTransform: unary((callback: Callback) => {
      transforms.addForStack(callback);
      return new Empty();
    }),
    registerStackInvokeTransform: unary((callback: Callback) => {
      transforms.addForInvokes(callback);
      return new Empty();
    }),
    // Hooks run around operations, of which there are none here.
    registerResourceHook: unary(() => new Empty()),
    registerErrorHook: unary(() => new Empty()),
    registerPackage: unary(() => new proto.RegisterPackageResponse().setRef(`package-${++packages}`)),
    // The program leaves by itself: on its way out the SDK looks for promises that never came, and for resources that wait for them.
    signalAndWaitForShutdown: unary(() => new Empty()),
  };
  return { service, close: () => transforms.close() };
}

function registration(registered: Registered): proto.RegisterResourceResponse {
  const response = new proto.RegisterResourceResponse()
    .setUrn(registered.urn)
    .setId(registered.id ?? "")
    .setObject(toStruct(registered.outputs));
  for (const [key, urns] of registered.dependencies) {
    const list = new proto.RegisterResourceResponse.PropertyDependencies().setUrnsList([...urns]);
    response.getPropertydependenciesMap().set(key, list);
  }
  return response;
}

/** The SDK asks for a resource of this stack that it holds only a reference to. */
function getResource(deployment: Deployment, args: WireObject): WireObject {
  const urn = String(args.urn ?? "");
  const registered = deployment.find(urn);
  if (registered === undefined) {
    throw new Error(`unknown resource ${urn}`);
  }
  return { urn, id: registered.id ?? "", state: registered.outputs };
}
