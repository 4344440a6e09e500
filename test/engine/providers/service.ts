import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb.js";
import * as proto from "@pulumi/pulumi/proto/provider_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { method } from "../plugin-server";
import type { Diff, Found, Kind, Provider } from "./provider";
import { decode, encode, type Props } from "./values";

/**
 * Pulumi's provider protocol, `proto/pulumi/provider.proto` of github.com/pulumi/pulumi, over a {@link Provider}.
 */
export function providerService(provider: Provider, version: string): UntypedServiceImplementation {
  const kindOf = (urn: string): Kind => {
    const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
    const kind = provider.kind(type);
    if (kind === null) throw new Error(`no resource type ${type}`);
    return kind;
  };

  return {
    getPluginInfo: method(() => new PluginInfo().setVersion(version)),
    getSchema: method(() => new proto.GetSchemaResponse().setSchema("{}")),
    checkConfig: method((request: proto.CheckRequest) => new proto.CheckResponse().setInputs(request.getNews())),
    diffConfig: method(() => new proto.DiffResponse().setChanges(proto.DiffResponse.DiffChanges.DIFF_NONE)),
    configure: method((request: proto.ConfigureRequest) => {
      provider.configure(decode(request.getArgs()).props);
      return new proto.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
    }),
    invoke: method(async (request: proto.InvokeRequest) =>
      new proto.InvokeResponse().setReturn(
        encode(await provider.invoke(request.getTok(), decode(request.getArgs()).props)),
      ),
    ),
    check: method((request: proto.CheckRequest) => {
      const news = decode(request.getNews());
      const name = request.getUrn().split("::").slice(3).join("::");
      const seed = Buffer.from(request.getRandomseed_asU8()).toString("hex");
      const olds = request.getOlds() === undefined ? null : decode(request.getOlds()).props;
      const inputs = kindOf(request.getUrn()).check({ news: news.props, olds, name, seed });
      return new proto.CheckResponse().setInputs(encode(inputs, news.secrets));
    }),
    diff: method((request: proto.DiffRequest) =>
      toDiffResponse(
        kindOf(request.getUrn()).diff(decode(request.getOldInputs()).props, decode(request.getNews()).props),
      ),
    ),
    create: method(async (request: proto.CreateRequest) => {
      const kind = kindOf(request.getUrn());
      const { props: inputs, secrets } = decode(request.getProperties());
      if (request.getPreview()) return new proto.CreateResponse().setProperties(encode(kind.planned(inputs), secrets));
      const id = await kind.service.create(inputs, request.getName());
      const state = await read(kind, { id, inputs, before: inputs });
      if (state === null) throw new Error(`${id} is gone right after it was created`);
      return new proto.CreateResponse().setId(id).setProperties(encode(state, secrets));
    }),
    read: method(async (request: proto.ReadRequest) => {
      const kind = kindOf(request.getUrn());
      const olds = decode(request.getProperties());
      const inputs = decode(request.getInputs());
      const id = request.getId();
      const given = Object.keys(inputs.props).length > 0 ? inputs.props : null;
      const state = await read(kind, { id, inputs: given, before: olds.props });
      if (state === null) return new proto.ReadResponse();
      return new proto.ReadResponse()
        .setId(id)
        .setProperties(encode(state, olds.secrets))
        .setInputs(encode(kind.refreshed({ inputs: inputs.props, before: olds.props, state }), inputs.secrets));
    }),
    update: method(async (request: proto.UpdateRequest) => {
      const kind = kindOf(request.getUrn());
      const { props: news, secrets } = decode(request.getNews());
      const state = decode(request.getOlds()).props;
      if (request.getPreview()) {
        const properties = kind.planned(news, state);
        return new proto.UpdateResponse().setProperties(encode(properties, secrets));
      }
      const id = request.getId();
      await kind.service.update(id, decode(request.getOldInputs()).props, news, state);
      const updated = await read(kind, { id, inputs: news, before: { ...state, ...news } });
      if (updated === null) throw new Error(`${id} is gone`);
      return new proto.UpdateResponse().setProperties(encode(updated, secrets));
    }),
    delete: method(async (request: proto.DeleteRequest) => {
      const { service } = kindOf(request.getUrn());
      await service.delete(request.getId(), decode(request.getProperties()).props);
      return new Empty();
    }),
  } as unknown as UntypedServiceImplementation;
}

/** The outputs of a resource, or null if it is gone. */
async function read(kind: Kind, asked: Omit<Found, "actual">): Promise<Props | null> {
  const actual = await kind.service.read(asked.id, asked.before);
  return actual === null ? null : kind.stateOf({ ...asked, actual });
}

function toDiffResponse({ changed, replaces, deleteFirst }: Diff): proto.DiffResponse {
  const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
  const { Kind } = proto.PropertyDiff;
  const response = new proto.DiffResponse()
    .setChanges(changed.size > 0 ? DIFF_SOME : DIFF_NONE)
    .setDiffsList([...new Set([...changed.keys()].map((path) => path.split(/[.[]/)[0] ?? ""))])
    .setReplacesList([...replaces])
    .setDeletebeforereplace(deleteFirst)
    .setHasdetaileddiff(true);
  for (const [key, what] of changed) {
    const replacing = replaces.includes(key);
    const kinds = {
      add: replacing ? Kind.ADD_REPLACE : Kind.ADD,
      delete: replacing ? Kind.DELETE_REPLACE : Kind.DELETE,
      update: replacing ? Kind.UPDATE_REPLACE : Kind.UPDATE,
    };
    response.getDetaileddiffMap().set(key, new proto.PropertyDiff().setKind(kinds[what]).setInputdiff(true));
  }
  return response;
}
