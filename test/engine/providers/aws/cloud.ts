import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import {
  CreateTagsCommand,
  DeleteTagsCommand,
  EC2Client,
  type ResourceType,
  type Tag,
  type TagSpecification,
} from "@aws-sdk/client-ec2";
import { IAMClient } from "@aws-sdk/client-iam";
import type { Service } from "../provider";
import { isObject, isSame, type Props, type Value } from "../values";

/** Clients of the emulator. The SDK takes its address and the credentials from the environment. */
export interface Cloud {
  readonly region: () => string;
  ec2(): EC2Client;
  iam(): IAMClient;
  logs(): CloudWatchLogsClient;
}

export const ACCOUNT = "123456789012";

export function cloud(region: () => string): Cloud {
  const once = <T>(make: (region: string) => T) => {
    const made = new Map<string, T>();
    return () => {
      const client = made.get(region()) ?? make(region());
      made.set(region(), client);
      return client;
    };
  };
  return {
    region,
    ec2: once((where) => new EC2Client({ region: where })),
    iam: once((where) => new IAMClient({ region: where })),
    logs: once((where) => new CloudWatchLogsClient({ region: where })),
  };
}

/** A text among the inputs, or undefined. */
export function text(props: Props, key: string): string | undefined {
  const value = props[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function texts(props: Props, key: string): string[] | undefined {
  const value = props[key];
  return Array.isArray(value) ? value.map(String) : undefined;
}

export function number(props: Props, key: string): number | undefined {
  return typeof props[key] === "number" ? props[key] : undefined;
}

export function flag(props: Props, key: string): boolean | undefined {
  return typeof props[key] === "boolean" ? props[key] : undefined;
}

export function objects(props: Props, key: string): Props[] {
  const value = props[key];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function object(props: Props, key: string): Props {
  const value = props[key];
  return isObject(value) ? value : {};
}

/** What is present of an object's properties: EC2 leaves out what there is not. */
export function present(props: { readonly [key: string]: Value | undefined }): Props {
  return Object.fromEntries(Object.entries(props).filter((entry): entry is [string, Value] => entry[1] !== undefined));
}

/** The same texts in the order of `before`, as far as it has them: sets come back in any order. */
export function inOrderOf(before: Value | undefined, now: readonly string[]): string[] {
  const known = Array.isArray(before) ? before.map(String).filter((item) => now.includes(item)) : [];
  return [...known, ...now.filter((item) => !known.includes(item)).sort()];
}

export function tagSpecifications(type: ResourceType, inputs: Props): TagSpecification[] {
  const tags = tagList(object(inputs, "tags"));
  return tags.length === 0 ? [] : [{ ResourceType: type, Tags: tags }];
}

export function tagProps(tags: readonly Tag[] | undefined): { tags: Props; tagsAll: Props } {
  const own = Object.fromEntries((tags ?? []).map(({ Key = "", Value: value = "" }) => [Key, value]));
  return { tags: own, tagsAll: own };
}

export function tagList(tags: Props): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, value]) => ({ Key, Value: String(value) }));
}

export async function updateTags({ ec2 }: Cloud, id: string, old: Props, news: Props): Promise<void> {
  const [before, after] = [object(old, "tags"), object(news, "tags")];
  const gone = Object.keys(before).filter((key) => !(key in after));
  const set = Object.entries(after).filter(([key, value]) => !isSame(before[key], value));
  if (gone.length > 0) await ec2().send(new DeleteTagsCommand({ Resources: [id], Tags: gone.map((Key) => ({ Key })) }));
  if (set.length > 0)
    await ec2().send(new CreateTagsCommand({ Resources: [id], Tags: tagList(Object.fromEntries(set)) }));
}

/** Null for what the cloud does not know. */
export async function found<T>(ask: Promise<T>): Promise<T | null> {
  try {
    return await ask;
  } catch (error) {
    if (error instanceof Error && /NotFound|NoSuchEntity|ResourceNotFoundException/.test(error.name)) return null;
    throw error;
  }
}

/** A service whose resources never change but for their tags. */
export function unchanging(it: Cloud, service: Omit<Service, "update">): Service {
  return { ...service, update: (id, old, news) => updateTags(it, id, old, news) };
}

export function arn({ region }: Cloud, path: string): string {
  return `arn:aws:ec2:${region()}:${ACCOUNT}:${path}`;
}
