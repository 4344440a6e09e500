import { ANSWER_TEXT } from "../marks";
import { isList, isObject, type Wire, type WireObject } from "../wire";
import type { Answer, Question } from "./question";

const SUFFIXES = ["a", "b", "c"];
const REGIONS = ["eu-central-1", "eu-west-1", "us-east-1", "us-east-2", "us-west-2"];

const image: Answer = (q) => ({
  id: q.id("ami-"),
  imageId: q.id("ami-"),
  architecture: "x86_64",
  rootDeviceName: "/dev/xvda",
  rootDeviceType: "ebs",
  virtualizationType: "hvm",
  ownerId: q.account,
});

const region: Answer = (q) => {
  const name = q.text("name", q.region);
  return { id: name, name, region: name, endpoint: `ec2.${name}.amazonaws.com` };
};

const iam = (q: Question, kind: string, name: string) => `arn:aws:iam::${q.account}:${kind}/${name}`;

/** Accounts, regions, images, identities and parameters. */
export const AWS_ACCOUNT: Readonly<Record<string, Answer>> = {
  "aws:ec2/getAmi": image,
  "aws:index/getAmi": image,
  "aws:ec2/getAmiIds": (q) => ({ id: q.region, ids: SUFFIXES.map((_, nth) => q.id("ami-", nth)) }),
  "aws:ec2/getKeyPair": (q) => ({ id: q.id("key-"), keyPairId: q.id("key-"), keyName: q.text("keyName", ANSWER_TEXT) }),
  "aws:ec2/getInstanceTypeOfferings": (q) => ({ id: q.region, instanceTypes: ["t3.micro"] }),
  "aws:index/getAvailabilityZones": (q) => ({
    id: q.region,
    names: SUFFIXES.map((suffix) => `${q.region}${suffix}`),
    zoneIds: SUFFIXES.map((_, nth) => `${shortRegion(q.region)}-az${nth + 1}`),
    groupNames: [q.region],
  }),
  "aws:index/getAvailabilityZone": (q) => {
    const name = q.text("name", `${q.region}a`);
    return { id: name, name, region: q.region, nameSuffix: name.replace(q.region, ""), state: "available" };
  },
  "aws:index/getRegion": region,
  "aws:index/getRegions": (q) => ({ id: q.region, names: REGIONS }),
  "aws:index/getCallerIdentity": (q) => ({
    id: q.account,
    accountId: q.account,
    arn: iam(q, "user", "preview"),
    userId: q.id("AIDA").toUpperCase(),
  }),
  "aws:index/getPartition": () => ({
    id: "aws",
    partition: "aws",
    dnsSuffix: "amazonaws.com",
    reverseDnsPrefix: "com.amazonaws",
  }),
  "aws:index/getArn": (q) => {
    const [, partition = "", service = "", area = "", account = "", ...resource] = q.text("arn", "").split(":");
    return { id: q.text("arn", ""), partition, service, region: area, account, resource: resource.join(":") };
  },
  "aws:elb/getServiceAccount": (q) => ({ id: q.account, arn: iam(q, "root", "root").replace(/\/root$/, "") }),
  "aws:iam/getPolicyDocument": policyDocument,
  "aws:iam/getRole": (q) => {
    const name = q.text("name", ANSWER_TEXT);
    return { id: name, name, arn: iam(q, "role", name), path: "/", uniqueId: q.id("AROA").toUpperCase() };
  },
  "aws:iam/getPolicy": (q) => {
    const name = q.text("name", q.text("arn", ANSWER_TEXT).split("/").at(-1) ?? "");
    const arn = q.text("arn", iam(q, "policy", name));
    return { id: arn, arn, name };
  },
  "aws:iam/getInstanceProfile": (q) => {
    const name = q.text("name", ANSWER_TEXT);
    return { id: q.id("AIPA").toUpperCase(), name, arn: iam(q, "instance-profile", name) };
  },
  "aws:iam/getUser": (q) => {
    const name = q.text("userName", ANSWER_TEXT);
    return { id: name, userName: name, arn: iam(q, "user", name) };
  },
  "aws:iam/getSessionContext": (q) => ({ id: q.text("arn", ""), issuerArn: q.text("arn", iam(q, "role", "preview")) }),
  "aws:ssm/getParameter": (q) => {
    const name = q.text("name", "");
    const value = /ami/i.test(name) ? q.id("ami-") : ANSWER_TEXT;
    const arn = `arn:aws:ssm:${q.region}:${q.account}:parameter/${name.replace(/^\//, "")}`;
    return { id: name, name, arn, value, insecureValue: value, type: "String", version: 1 };
  },
  "aws:secretsmanager/getSecret": (q) => {
    const name = q.text("name", ANSWER_TEXT);
    const arn = q.text("arn", `arn:aws:secretsmanager:${q.region}:${q.account}:secret:${name}`);
    return { id: arn, arn, name };
  },
  "aws:secretsmanager/getSecretVersion": (q) => ({
    id: q.text("secretId", ""),
    arn: q.text("secretId", ""),
    secretId: q.text("secretId", ""),
    secretString: ANSWER_TEXT,
  }),
  "aws:kms/getKey": (q) => key(q, q.guid()),
  "aws:kms/getAlias": (q) => {
    const { arn, keyId } = key(q, q.guid());
    return { id: arn, name: q.text("name", ""), targetKeyArn: arn, targetKeyId: keyId, arn };
  },
  "aws:acm/getCertificate": (q) => {
    const arn = `arn:aws:acm:${q.region}:${q.account}:certificate/${q.guid()}`;
    return { id: arn, arn, domain: q.text("domain", ANSWER_TEXT), status: "ISSUED" };
  },
  "aws:s3/getBucket": (q) => {
    const bucket = q.text("bucket", ANSWER_TEXT);
    return { id: bucket, bucket, arn: `arn:aws:s3:::${bucket}`, region: q.region };
  },
  "aws:cloudfront/getCachePolicy": (q) => ({ id: q.guid(), name: q.text("name", "") }),
  "aws:cloudfront/getOriginRequestPolicy": (q) => ({ id: q.guid(), name: q.text("name", "") }),
  "aws:lambda/getFunction": (q) => {
    const name = q.text("functionName", ANSWER_TEXT);
    return { id: name, functionName: name, arn: `arn:aws:lambda:${q.region}:${q.account}:function:${name}` };
  },
};

/** `us-east-1` → `use1`. */
function shortRegion(name: string): string {
  return name.replace(/^(\w+)-(\w)\w*-(\d+)$/, "$1$2$3");
}

function key(q: Question, keyId: string) {
  const arn = `arn:aws:kms:${q.region}:${q.account}:key/${keyId}`;
  return { id: keyId, keyId, arn };
}

/** This one is no question to the cloud: the provider only writes its arguments as JSON. */
function policyDocument(q: Question): WireObject {
  const document: { [key: string]: Wire } = { Version: q.text("version", "2012-10-17") };
  if (typeof q.args.policyId === "string") {
    document.Id = q.args.policyId;
  }
  document.Statement = listOf(q.args.statements).filter(isObject).map(statement);
  const json = JSON.stringify(document, null, 2);
  return { id: q.id(""), json, minifiedJson: JSON.stringify(document), version: document.Version ?? null };
}

function statement(from: WireObject): WireObject {
  const result: { [key: string]: Wire } = {};
  if (typeof from.sid === "string" && from.sid !== "") {
    result.Sid = from.sid;
  }
  result.Effect = from.effect ?? "Allow";
  for (const name of ["actions", "notActions", "resources", "notResources"] as const) {
    const items = listOf(from[name]);
    if (items.length > 0) {
      result[{ actions: "Action", notActions: "NotAction", resources: "Resource", notResources: "NotResource" }[name]] =
        single(items);
    }
  }
  for (const name of ["principals", "notPrincipals"] as const) {
    const items = listOf(from[name]).filter(isObject);
    if (items.length > 0) {
      result[name === "principals" ? "Principal" : "NotPrincipal"] = principals(items);
    }
  }
  const conditions = listOf(from.conditions).filter(isObject);
  if (conditions.length > 0) {
    const tests: { [test: string]: { [variable: string]: Wire } } = {};
    for (const { test, variable, values } of conditions) {
      const entry = tests[String(test)] ?? {};
      entry[String(variable)] = single(listOf(values));
      tests[String(test)] = entry;
    }
    result.Condition = tests;
  }
  return result;
}

function principals(items: readonly WireObject[]): Wire {
  const [first] = items;
  if (items.length === 1 && first?.type === "*") {
    return "*";
  }
  return Object.fromEntries(items.map(({ type, identifiers }) => [String(type), single(listOf(identifiers))]));
}

function listOf(wire: Wire | undefined): readonly Wire[] {
  return wire !== undefined && isList(wire) ? wire : [];
}

function single(items: readonly Wire[]): Wire {
  return items.length === 1 ? (items[0] ?? null) : items;
}
