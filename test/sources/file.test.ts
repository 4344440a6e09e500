import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadFile } from "../../cli/sources/file";
import { readText } from "../../cli/sources/text-file";
import { Unknown } from "../../policies/analysis/model/snapshot";
import { complaint, directoryOf } from "./scratch";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

const urn = (name: string, type = "aws:ec2/instance:Instance") => `urn:pulumi:prod::mail::${type}::${name}`;
const resource = (name: string, rest: object = {}) => ({
  urn: urn(name),
  type: "aws:ec2/instance:Instance",
  custom: true,
  ...rest,
});
const stack = {
  urn: urn("mail-prod", "pulumi:pulumi:Stack"),
  type: "pulumi:pulumi:Stack",
  custom: false,
  outputs: { address: "192.0.2.1" },
};

const state = (...resources: object[]) => ({ version: 3, deployment: { manifest: {}, resources } });
const preview = (...steps: object[]) => ({ steps, changeSummary: { create: steps.length } });
const step = (op: string, name: string, rest: object = {}) => ({
  op,
  urn: urn(name),
  newState: resource(name),
  ...rest,
});
const lines = (...events: object[]) =>
  events.map((event, sequence) => JSON.stringify({ sequence, timestamp: 0, ...event })).join("\n");
const pre = (op: string, name: string, rest: object = {}) => ({
  resourcePreEvent: { metadata: { op, urn: urn(name), old: null, new: resource(name, rest) } },
});
const succeeded = { summaryEvent: { result: "succeeded", isPreview: true } };

function load(content: object | string | Buffer) {
  const data = typeof content === "string" || Buffer.isBuffer(content) ? content : JSON.stringify(content);
  return loadFile(join(directoryOf({ "file.json": data }), "file.json"));
}

async function names(content: object | string) {
  return (await load(content)).resources.map(({ name }) => name);
}

async function only(content: object | string) {
  const [first] = (await load(content)).resources;
  if (first === undefined) throw new Error("no resource");
  return first;
}

describe("a file that Pulumi wrote", () => {
  it("names its stack and what the program exports", async () => {
    expect(await load(state(stack, resource("a")))).toMatchObject({
      stack: "prod",
      project: "mail",
      outputs: { address: "192.0.2.1" },
      warnings: [],
    });
  });

  it.each<[string, object | string]>([
    ["a state", state(resource("a"))],
    ["a state with newer features", { ...state(resource("a")), version: 4, features: ["hooks"] }],
    ["a bare deployment", state(resource("a")).deployment],
    [
      "a checkpoint of the file backend",
      { version: 3, checkpoint: { stack: "prod", latest: { resources: [resource("a")] } } },
    ],
    ["a preview", preview(step("create", "a"))],
    ["an event log", lines({ preludeEvent: { config: {} } }, pre("create", "a"), succeeded, { cancelEvent: {} })],
    [
      "events of Pulumi Cloud",
      {
        events: [
          { sequence: 1, ...pre("create", "a") },
          { sequence: 2, ...succeeded },
        ],
      },
    ],
  ])("may be %s", async (_, content) => {
    expect(await names(content)).toEqual(["a"]);
  });

  it.each([
    ["utf-8 with a mark", Buffer.from(`\ufeff${JSON.stringify(state(resource("ä")))}`)],
    ["utf-16 as PowerShell writes it", Buffer.from(`\ufeff${JSON.stringify(state(resource("ä")))}`, "utf16le")],
  ])("may be in %s", async (_, bytes) => {
    expect((await load(bytes)).resources.map(({ name }) => name)).toEqual(["ä"]);
  });
});

describe("what becomes of a stack", () => {
  it("is what a preview leaves", async () => {
    const steps = [
      step("same", "kept"),
      step("create", "new"),
      step("delete", "gone", { newState: undefined, oldState: resource("gone") }),
      step("create-replacement", "replaced", { newState: resource("replaced", { inputs: { size: 2 } }) }),
      step("replace", "replaced", { newState: resource("replaced", { inputs: { size: 2 } }) }),
      step("delete-replaced", "replaced", { newState: undefined, oldState: resource("replaced") }),
      step("update", "pending"),
      step("delete", "pending", { newState: undefined, oldState: resource("pending", { delete: true }) }),
      step("read", "read", { newState: resource("read", { external: true }) }),
      step("discard", "unread", { newState: undefined, oldState: resource("unread") }),
    ];
    const { resources } = await load({ steps, changeSummary: { same: 1 } });
    expect(resources.map(({ name }) => name)).toEqual(["kept", "new", "replaced", "pending", "read"]);
    expect(resources.find(({ name }) => name === "replaced")?.properties).toEqual({ size: 2 });
    expect(resources.find(({ name }) => name === "read")?.external).toBe(true);
  });

  it("is what the last operation of a log leaves, with what the provider answered", async () => {
    const log = lines(
      { preludeEvent: { config: {} } },
      pre("create", "a", { inputs: { size: 1 } }),
      pre("create", "dropped"),
      succeeded,
      { preludeEvent: { config: {} } },
      pre("create", "a", { inputs: { size: 1 } }),
      {
        resOutputsEvent: {
          metadata: {
            op: "create",
            urn: urn("a"),
            old: null,
            new: resource("a", { id: "i-1", inputs: { size: 1 }, outputs: { privateIp: "10.0.0.4" } }),
          },
        },
      },
      succeeded,
    );
    const { resources } = await load(log);
    expect(resources).toMatchObject([{ name: "a", id: "i-1", properties: { size: 1, privateIp: "10.0.0.4" } }]);
  });

  it("leaves out what a state holds for deletion alone, and says so", async () => {
    const { resources, warnings } = await load(state(resource("a"), resource("a", { delete: true, id: "i-old" })));
    expect(resources.map(({ id }) => id)).toEqual([undefined]);
    expect(warnings).toEqual([expect.stringMatching(/::a: replaced already but not deleted yet, and not judged$/)]);
  });

  it("is doubtful where an operation was interrupted", async () => {
    const file = state(resource("a"));
    const pending_operations = [{ type: "creating", resource: resource("b") }];
    const { warnings } = await load({ ...file, deployment: { ...file.deployment, pending_operations } });
    expect(warnings).toEqual([expect.stringMatching(/::b: in the middle of an operation that was interrupted/)]);
  });
});

describe("a value", () => {
  it("is unknown where the engine does not know it, and depends on what its property does", async () => {
    const { properties, propertyDependencies } = await only(
      preview(
        step("create", "a", {
          newState: resource("a", {
            inputs: { groups: ["sg-1", UNKNOWN], tags: { Name: UNKNOWN }, __defaults: [] },
            propertyDependencies: { groups: [urn("b")], subnetId: [urn("c")], ami: [], tags: null },
          }),
        }),
      ),
    );
    expect(properties).toEqual({
      groups: ["sg-1", new Unknown([urn("b")])],
      tags: { Name: new Unknown([]) },
      subnetId: new Unknown([urn("c")], "left out by the provider at preview"),
    });
    expect(propertyDependencies).toEqual({ groups: [urn("b")], subnetId: [urn("c")] });
  });

  it("is unknown where it is a secret that nobody shows, and listed where somebody does", async () => {
    const { properties, secrets } = await only(
      state(
        resource("a", {
          inputs: {
            cipher: { [SIGNATURE]: SECRET, ciphertext: "v1:abc" },
            plain: { [SIGNATURE]: SECRET, plaintext: '{"a":["x"]}' },
            broken: { [SIGNATURE]: SECRET, plaintext: "{" },
            masked: ["[secret]"],
            text: "the word [secret] by itself",
          },
        }),
      ),
    );
    const masked = new Unknown([], "a masked secret");
    expect(properties).toEqual({
      cipher: masked,
      plain: { a: ["x"] },
      broken: masked,
      masked: [masked],
      text: "the word [secret] by itself",
    });
    expect([...(secrets ?? [])]).toEqual(["cipher", "plain", "broken", "masked"]);
  });

  it("is unknown in an event where a part of it was masked or left out", async () => {
    const inputs = {
      userData: "password=[secret]",
      source: { [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17", text: "<contents elided>" },
    };
    const { properties } = await only(lines(pre("create", "a", { inputs }), succeeded));
    expect(properties).toEqual({
      userData: new Unknown([], "a masked secret"),
      source: new Unknown([], "the content of an asset"),
    });
  });

  it.each<[string, unknown, unknown]>([
    ["an asset", { [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17", hash: "h", text: "x" }, { text: "x" }],
    ["a reference", { [SIGNATURE]: "5cf8f73096256a8f31e491e813e4eb8e", urn: urn("b"), id: "i-2" }, "i-2"],
    [
      "a reference to nothing yet",
      { [SIGNATURE]: "5cf8f73096256a8f31e491e813e4eb8e", urn: urn("b"), id: UNKNOWN },
      new Unknown([urn("b")]),
    ],
    ["a reference to a component", { [SIGNATURE]: "5cf8f73096256a8f31e491e813e4eb8e", urn: urn("b") }, urn("b")],
    ["a kind that is new", { [SIGNATURE]: "0000" }, new Unknown([], "a value that is not written as text")],
    ["bytes", 'b"/w=="', new Unknown([], "bytes that are no text")],
  ])("may be %s", async (_, value, expected) => {
    expect((await only(state(resource("a", { inputs: { value } })))).properties).toEqual({ value: expected });
  });

  it("is the program's where the provider says another, and the provider's where the program says nothing", async () => {
    const { id, properties } = await only(
      state(
        resource("a", {
          id: "i-1",
          inputs: { tags: { role: "x" }, region: "eu-west-1" },
          outputs: {
            id: "i-1",
            tags: {},
            tagsAll: { role: "y" },
            privateIp: "10.0.0.4",
            ingress: [{ a: 1 }],
            ips: ["10.0.0.4"],
          },
        }),
      ),
    );
    expect(id).toBe("i-1");
    expect(properties).toEqual({ tags: { role: "x" }, region: "eu-west-1", privateIp: "10.0.0.4", ips: ["10.0.0.4"] });
  });

  it("is the provider's in a resource that is only read", async () => {
    const { external, properties } = await only(
      state(
        resource("a", {
          external: true,
          id: "vpc-1",
          inputs: {},
          outputs: { tags: { role: "y" }, cidrBlock: "10.0.0.0/16" },
        }),
      ),
    );
    expect({ external, properties }).toEqual({
      external: true,
      properties: { tags: { role: "y" }, cidrBlock: "10.0.0.0/16" },
    });
  });

  it("keeps keys that objects have by birth apart from them", async () => {
    const file = `{"deployment":{"resources":[{"urn":${JSON.stringify(urn("a"))},"type":"t","inputs":{"__proto__":{"custom":true},"constructor":"x","tags":{"__proto__":"y"}},"propertyDependencies":{"toString":[],"__proto__":["u"]}}]}}`;
    const { custom, properties } = await only(file);
    expect(custom).toBe(false);
    expect(Object.getPrototypeOf(properties)).toBe(Object.prototype);
    expect(Object.getPrototypeOf(properties.tags)).toBe(Object.prototype);
    expect(Object.keys(properties)).toEqual(["__proto__", "constructor", "tags"]);
  });
});

describe("a place", () => {
  it.each([
    ["project:///stacks/index.ts#12,5", [], { file: "stacks/index.ts", line: 12, column: 5 }],
    ["project:///index.py#7", [], { file: "index.py", line: 7, column: 1 }],
    [
      "project:///node_modules/relayproof/a.js#1,1",
      ["project:///../b.ts#1,1", "project:///a%20b.ts#3,4"],
      { file: "a b.ts", line: 3, column: 4 },
    ],
    ["file:///etc/passwd#1,1", ["project:///%ff.ts#1,1", "nonsense"], undefined],
  ])("%s", async (sourcePosition, frames, expected) => {
    const stackTrace = frames.map((position) => ({ sourcePosition: position }));
    expect((await only(state(resource("a", { sourcePosition, stackTrace })))).location).toEqual(expected);
  });
});

describe("a file that cannot be judged", () => {
  const whole = JSON.stringify(state(resource("a")));
  const log = lines(pre("create", "a"), succeeded);
  it.each<[string, object | string | Buffer, string]>([
    ["is empty", "\n", "empty"],
    [
      "is cut off",
      whole.slice(0, -3),
      `:1:${whole.length - 2}: not valid JSON: expected "," or "]", found the end of the file`,
    ],
    [
      "is cut off between events",
      lines(pre("create", "a")),
      "the log ends before the operation does: its summary is missing",
    ],
    [
      "is cut off inside of an event",
      `${log}\n{"sequence": 3, `,
      ":3:17: not valid JSON: expected a key in double quotes, found the end of the file",
    ],
    ["has something else between events", `${log}\n{"name":"x"}`, "event 3: expected an event of Pulumi's engine"],
    [
      "is another program's",
      { format_version: "1.2", planned_values: {} },
      "not recognised; expected what pulumi preview --json, pulumi stack export or --event-log writes",
    ],
    [
      "is a text",
      '"state"',
      "not recognised; expected what pulumi preview --json, pulumi stack export or --event-log writes",
    ],
    [
      "is two documents",
      `${whole}\n${whole}`,
      "not recognised; expected what pulumi preview --json, pulumi stack export or --event-log writes",
    ],
    ["is no text", Buffer.from([0x7b, 0xff, 0x7d]), "not a text in UTF-8"],
    ["is nested without end", "[".repeat(100_000), ":1:502: not valid JSON: nested too deeply"],
    ["says a thing twice", '{"version":3,\n"version":3}', ':2:1: not valid JSON: the key "version" stands twice'],
    ["has a version that is too old", { version: 2, deployment: {} }, "version: 2: expected a state of version 3 or 4"],
    ["has no resources", { version: 3, deployment: {} }, "there are no resources in it to judge"],
    ["has a resource twice", state(resource("a"), resource("a")), `the resource ${urn("a")} stands twice`],
    [
      "has two stacks",
      state(resource("a"), { ...resource("b"), urn: urn("b").replace("prod", "dev") }),
      "resources of two stacks, mail/prod and mail/dev",
    ],
    ["has a resource without a name", state({ type: "t" }), "deployment.resources[0].urn: missing: expected a URN"],
    ["has something in place of a resource", state([1]), "deployment.resources[0]: a list: expected a resource"],
    [
      "has something in place of properties",
      state(resource("a", { inputs: "x" })),
      'deployment.resources[0].inputs: "x": expected an object',
    ],
    [
      "leaves out what does not change",
      { steps: [step("create", "a")], changeSummary: { create: 1, same: 3 } },
      "3 resources that do not change are left out; make the file with pulumi preview --json --show-sames",
    ],
    [
      "is of a preview that failed",
      { ...preview(step("create", "a")), diagnostics: [{ severity: "error", message: "no such region" }] },
      "the preview failed: no such region",
    ],
    [
      "is of a preview that did not end",
      { steps: [step("create", "a")] },
      "the preview did not come to its end: changeSummary is missing",
    ],
    [
      "is of an update that failed",
      lines(
        pre("create", "a"),
        { diagnosticEvent: { severity: "error", message: "quota" } },
        { summaryEvent: { result: "failed" } },
      ),
      "the operation failed: quota",
    ],
  ])("%s", async (_, content, message) => {
    const directory = directoryOf({
      "file.json": typeof content === "string" || Buffer.isBuffer(content) ? content : JSON.stringify(content),
    });
    const error = await loadFile(join(directory, "file.json")).catch((thrown: unknown) => thrown);
    const said = complaint(directory, () => {
      throw error;
    });
    expect(said.replace(/^InputError: DIR\/file\.json(?:: )?/, "")).toBe(message);
  });

  it("is too large", async () => {
    const file = join(directoryOf({ "file.json": " ".repeat(2000) }), "file.json");
    await expect(readText(file, 1024)).rejects.toThrow(/file\.json: too large; expected at most/);
  });
});
