import { join } from "node:path";
import { type Answering, answersFor } from "../answers";
import type { Provider, Service } from "../provider";
import { type Props, UNKNOWN, type Value } from "../values";
import { type Cloud, within } from "./arm/cloud";
import { refusal } from "./arm/refusal";
import { get, put, remove } from "./arm/resources";
import { type Type, typeOf } from "./facts";
import { nativeKind } from "./kind";

/** The subscription that the tests have. */
export const SUBSCRIPTION = "/subscriptions/11111111-2222-3333-4444-555555555555";

/** What there is in Azure: the tests look into it. */
export const CLOUD_FILE = "azure.json";

/**
 * The Azure provider for tests. There is no emulator of Azure of the quality that moto has for AWS, so that it plays the cloud itself: what
 * there is is in a file, and what Azure Resource Manager refuses is refused by the folder `arm`, each with the vendor's page.
 */
export function azureProvider(): Provider {
  let defaultLocation: string | null = null;
  const file = join(process.env.RELAYPROOF_TEST_STORE ?? "", CLOUD_FILE);
  const cloud = <T>(act: (cloud: Cloud) => T) => within(file, act);
  const locationOf = (group: Value): Value => {
    if (defaultLocation !== null || group === UNKNOWN) return defaultLocation ?? UNKNOWN;
    return cloud((it) => it.find(`${SUBSCRIPTION}/resourceGroups/${group}`)?.body.location ?? null);
  };
  const answers = answersFor(new Map());
  return {
    kind: (token) => {
      const type = typeOf(token);
      return type && nativeKind(type, serviceOf(type, token, cloud, answers), locationOf);
    },
    configure: ({ location }) => {
      if (typeof location === "string") defaultLocation = location;
    },
    invoke: async (token, args) => answers.invoke(token, args),
  };
}

type Within = <T>(act: (cloud: Cloud) => T) => T;

function serviceOf(type: Type, token: string, cloud: Within, answers: Answering): Service {
  const bodyOf = (inputs: Props): Props => {
    const own = Object.entries(inputs).filter(([key]) => !key.startsWith("__") && key !== "id");
    return Object.fromEntries(own.filter(([key]) => key !== "resourceGroupName" && !type.names.includes(key)));
  };
  return {
    create: async (inputs) => {
      const id = idOf(type, inputs);
      cloud((it) => {
        if (it.find(id) !== undefined) throw new Error(`cannot create already existing resource '${id}'`);
        put(it, { id, kind: type.kind, body: bodyOf(inputs) });
      });
      return id;
    },
    read: async (id) => cloud((it) => get(it, id)) ?? answers.read(token, id),
    update: async (id, _old, news) =>
      cloud((it) => {
        if (it.find(id) === undefined) throw refusal("ResourceNotFound", `The Resource '${id}' was not found.`);
        put(it, { id, kind: type.kind, body: bodyOf(news) });
      }),
    delete: async (id) => cloud((it) => remove(it, id)),
  };
}

/** The id that the inputs give a resource. */
function idOf(type: Type, inputs: Props): string {
  const group = `${SUBSCRIPTION}/resourceGroups/${inputs.resourceGroupName}`;
  if (type.path === "") return group;
  const path = type.path.replace(/\{(\w+)\}/g, (_, name: string) => String(inputs[name] ?? "").replace(/^\//, ""));
  return type.path.startsWith("{scope}") ? `/${path}` : `${group}/providers/${path}`;
}
