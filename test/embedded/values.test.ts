import { beforeAll, describe, expect, it } from "vitest";
import { ANSWER_REASON, SECRET_REASON, SECRET_TEXT } from "../../cli/engine/marks";
import type { LoadedStack } from "../../cli/sources/loaded-stack";
import { Unknown } from "../../policies/analysis/model/snapshot";
import { load, PROGRAMS, resource } from "./programs";

const secret = new Unknown([], SECRET_REASON);
const answer = new Unknown([], ANSWER_REASON);

describe("values of every kind", () => {
  let stack: LoadedStack;
  const [plain, count, remote] = [
    "test:index:Thing::plain",
    "pulumi-nodejs:dynamic:Resource::count",
    "awsx:ec2:Vpc::remote",
  ].map((name) => `urn:pulumi:dev::values::${name}`) as [string, string, string];
  beforeAll(async () => {
    stack = await load("values");
  });

  it("keeps falsy values apart from absent ones", () => {
    expect(resource(stack, "plain").properties).toEqual({
      text: "",
      zero: 0,
      no: false,
      nothing: null,
      list: [null, null, "a"],
    });
  });

  it("reads assets, archives, references, promises and the results of methods", () => {
    expect(resource(stack, "complex").properties).toEqual({
      text: { text: "#!/bin/sh\n" },
      file: { path: "./Pulumi.yaml" },
      archive: { assets: { "main.cf": { text: "mynetworks =" } } },
      reference: new Unknown([plain]),
      component: remote,
      remote: new Unknown([remote]),
      called: new Unknown([remote]),
      count: new Unknown([count]),
      promise: { deep: [new Unknown([count])] },
    });
  });

  it("knows a dynamic resource by its inputs, without its code", () => {
    expect(resource(stack, "count")).toMatchObject({ custom: true, type: "pulumi-nodejs:dynamic:Resource" });
    expect(resource(stack, "count").properties).toEqual({ start: 1 });
  });

  it("knows a component that its package constructs by its inputs", () => {
    expect(resource(stack, "remote")).toMatchObject({ custom: false, type: "awsx:ec2:Vpc" });
    expect(resource(stack, "remote").properties).toEqual({
      cidrBlock: "10.0.0.0/16",
      extra: [new Unknown([count]), 1],
    });
  });
});

describe("secrets", () => {
  it("are unknown where the configuration is encrypted, whatever the program makes of them", async () => {
    const stack = await load("secrets");
    const masked = resource(stack, "masked");
    const { beside, nested, ...others } = masked.properties;
    expect(beside).toEqual(["open", secret]);
    expect(nested).toEqual({ name: "relay", password: secret });
    expect(others).toEqual(
      Object.fromEntries(
        ["output", "part", "plain", "encoded", "number", "plainNumber", "name"].map((name) => [name, secret]),
      ),
    );
    expect(masked.secrets).toEqual(new Set(["output", "part", "number", "nested", "name", "beside"]));
    expect(masked.propertyDependencies).toEqual({});
    expect(stack.outputs.leaked).toEqual(secret);
    const text = JSON.stringify(stack);
    expect(text).not.toContain("ciphertext");
    expect(text).not.toContain(SECRET_TEXT);
  });

  it("are values where the program has them, and say so", async () => {
    const stack = await load("secrets");
    expect(resource(stack, "visible")).toMatchObject({
      properties: { echoed: "plaintext", list: ["a", "b"], open: "c" },
      secrets: new Set(["echoed", "list"]),
    });
    expect(resource(stack, "copy")).toMatchObject({ properties: { from: "plaintext" }, secrets: new Set(["from"]) });
  });

  it("take their value from a fixture file", async () => {
    const stack = await load("secrets", { fixtures: `${PROGRAMS}/secrets/fixtures.json` });
    const masked = resource(stack, "masked");
    expect(masked.properties).toMatchObject({ output: "hunter2", part: "user:hunter2", plainNumber: 4711 });
    expect(masked.secrets).toContain("output");
  });
});

describe("data sources", () => {
  it("answer with identifiers, and with nothing that decides", async () => {
    const stack = await load("datasources");
    const { ami, subnetId, tags, ...others } = resource(stack, "host").properties;
    expect(ami).toMatch(/^ami-0[0-9a-f]{16}$/);
    expect(subnetId).toMatch(/^subnet-0[0-9a-f]{16}$/);
    expect(tags).toEqual({
      later: answer,
      policy:
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Principal":{"Service":"ec2.amazonaws.com"}}]}',
    });
    expect(others).toEqual({
      availabilityZone: "us-east-1b",
      iamInstanceProfile: "example.com",
      privateIp: answer,
      userData: answer,
      hostId: answer,
      keyName: answer,
      cpuOptions: { coreCount: answer },
    });
    expect(stack.outputs.answers).toMatchObject({ region: "us-east-1", account: "123456789012" });
  });

  it("answer from a fixture file first", async () => {
    const stack = await load("datasources", { fixtures: `${PROGRAMS}/datasources/fixtures.yaml` });
    expect(resource(stack, "host").properties.privateIp).toBe("172.31.4.5");
  });

  it("are unknown all the way down where a program waits for what only the account knows", async () => {
    const stack = await load("awaited");
    expect(resource(stack, "group").properties).toEqual({
      vpcId: answer,
      description: answer,
      name: answer,
      tags: { cluster: answer },
    });
    expect(resource(stack, "host").properties).toEqual({
      subnetId: answer,
      hostId: answer,
      userData: answer,
      keyName: "admin",
    });
  });
});
