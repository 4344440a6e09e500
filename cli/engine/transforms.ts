import type { Callback } from "@pulumi/pulumi/proto/callback_pb";
import * as proto from "@pulumi/pulumi/proto/resource_pb";
import type { Urn } from "../../policies/analysis/model/snapshot";
import type { Callbacks } from "./callbacks";
import { dependencyMap, toObject } from "./messages";
import { dependenciesOf, isList, isObject, Signature, signatureOf, type Wire, type WireObject } from "./wire";

export interface TransformedResource {
  readonly inputs: WireObject;
  readonly propertyDependencies: ReadonlyMap<string, readonly Urn[]>;
  readonly secretOutputs: readonly string[];
  readonly importId?: string;
}

/**
 * Runs the transforms that a program registers: functions inside the program that the engine calls back before it accepts a resource, or
 * a question. First those of the resource, then those of its ancestors from the inside out, then those of the stack, as Pulumi's own engine
 * does.
 */
export class Transforms {
  readonly #stack: Callback[] = [];
  readonly #invokes: Callback[] = [];
  readonly #byResource = new Map<Urn, { readonly parent: Urn; readonly callbacks: readonly Callback[] }>();
  #client: Promise<Callbacks> | undefined;

  addForStack(callback: Callback): void {
    this.#stack.push(callback);
  }

  addForInvokes(callback: Callback): void {
    this.#invokes.push(callback);
  }

  /** Keeps the transforms of a resource for its children. */
  remember(urn: Urn, parent: Urn, callbacks: readonly Callback[]): void {
    this.#byResource.set(urn, { parent, callbacks });
  }

  async resource(request: proto.RegisterResourceRequest): Promise<TransformedResource> {
    const dependencies = dependencyMap(request.getPropertydependenciesMap());
    const callbacks = this.#callbacksFor(request);
    if (callbacks.length === 0) {
      return {
        inputs: toObject(request.getObject()),
        propertyDependencies: dependencies,
        secretOutputs: request.getAdditionalsecretoutputsList(),
        importId: request.getImportid(),
      };
    }
    let properties = request.getObject();
    let options = optionsOf(request);
    for (const callback of callbacks) {
      const message = new proto.TransformRequest()
        .setType(request.getType())
        .setName(request.getName())
        .setCustom(request.getCustom())
        .setParent(request.getParent())
        .setProperties(properties)
        .setOptions(options);
      const bytes = await this.#run(callback, message.serializeBinary());
      const response = proto.TransformResponse.deserializeBinary(bytes);
      properties = response.getProperties() ?? properties;
      options = response.getOptions() ?? options;
    }
    const inputs = toObject(properties);
    return {
      inputs,
      propertyDependencies: mergeDependencies(inputs, dependencies),
      secretOutputs: options.getAdditionalSecretOutputsList(),
      importId: options.getImport(),
    };
  }

  /** The arguments of a question after the transforms of the stack. */
  async invoke(request: proto.ResourceInvokeRequest): Promise<WireObject> {
    let args = request.getArgs();
    for (const callback of this.#invokes) {
      const message = new proto.TransformInvokeRequest()
        .setToken(request.getTok())
        .setArgs(args)
        .setOptions(
          new proto.TransformInvokeOptions().setProvider(request.getProvider()).setVersion(request.getVersion()),
        );
      const bytes = await this.#run(callback, message.serializeBinary());
      args = proto.TransformInvokeResponse.deserializeBinary(bytes).getArgs() ?? args;
    }
    return toObject(args);
  }

  #callbacksFor(request: proto.RegisterResourceRequest): Callback[] {
    const callbacks = [...request.getTransformsList()];
    for (let urn: Urn = request.getParent(); urn !== ""; ) {
      const ancestor = this.#byResource.get(urn);
      callbacks.push(...(ancestor?.callbacks ?? []));
      urn = ancestor?.parent ?? "";
    }
    return [...callbacks, ...this.#stack];
  }

  async #run(callback: Callback, request: Uint8Array): Promise<Uint8Array> {
    this.#client ??= import("./callbacks.js").then(({ Callbacks }) => new Callbacks());
    return (await this.#client).run(callback, request);
  }

  close(): void {
    this.#client?.then((client) => client.close());
  }
}

function optionsOf(request: proto.RegisterResourceRequest): proto.TransformResourceOptions {
  const options = new proto.TransformResourceOptions()
    .setDependsOnList(request.getDependenciesList())
    .setIgnoreChangesList(request.getIgnorechangesList())
    .setReplaceOnChangesList(request.getReplaceonchangesList())
    .setVersion(request.getVersion())
    .setAliasesList(request.getAliasesList())
    .setProvider(request.getProvider())
    .setCustomTimeouts(request.getCustomtimeouts())
    .setPluginDownloadUrl(request.getPlugindownloadurl())
    .setDeletedWith(request.getDeletedwith())
    .setAdditionalSecretOutputsList(request.getAdditionalsecretoutputsList())
    .setHooks(request.getHooks())
    .setImport(request.getImportid());
  const protect = request.getProtect();
  if (request.hasProtect() && protect !== undefined) {
    options.setProtect(protect);
  }
  if (request.getDeletebeforereplacedefined()) {
    options.setDeleteBeforeReplace(request.getDeletebeforereplace());
  }
  request.getProvidersMap().forEach((reference, name) => {
    options.getProvidersMap().set(name, reference);
  });
  return options;
}

/** A transform may add properties with dependencies of their own, and takes those of the properties it removes away. */
function mergeDependencies(
  inputs: WireObject,
  before: ReadonlyMap<string, readonly Urn[]>,
): ReadonlyMap<string, readonly Urn[]> {
  const merged = new Map<string, readonly Urn[]>();
  for (const [key, input] of Object.entries(inputs)) {
    merged.set(key, [...new Set([...(before.get(key) ?? []), ...collect(input)])]);
  }
  return merged;
}

function collect(wire: Wire): readonly Urn[] {
  if (isList(wire)) {
    return wire.flatMap(collect);
  }
  if (!isObject(wire)) {
    return [];
  }
  const own = signatureOf(wire) === Signature.Output ? dependenciesOf(wire) : [];
  return [...own, ...Object.values(wire).flatMap(collect)];
}
