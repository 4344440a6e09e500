import { describe, expect, it } from "vitest";
import { SECRET_TEXT } from "../../cli/engine/marks";
import { readProject } from "../../cli/sources/project";
import { readStackConfig } from "../../cli/sources/stack-config";
import { complaint, directoryOf } from "./scratch";

const NODE = "name: mail\nruntime: nodejs\n";

function read(files: Record<string, string>, stack?: string, plain: Record<string, string> = {}) {
  const root = directoryOf({ "Pulumi.yaml": NODE, ...files });
  const { config, ...rest } = readStackConfig(readProject(root), stack, new Map(Object.entries(plain)));
  return { ...rest, config: Object.fromEntries(config) };
}

describe("which stack", () => {
  it("is the only one that has a file, or dev", () => {
    expect(read({ "Pulumi.prod.yaml": "config: {}" }).stack).toBe("prod");
    expect(read({}).stack).toBe("dev");
    expect(read({}, "acme/mail/test")).toMatchObject({ stack: "test", organization: "acme" });
    expect(read({ "Pulumi.dev.yaml": "", "Pulumi.prod.yaml": "" }, "prod").stack).toBe("prod");
  });

  it.each([
    [undefined, "DIR: there are several stacks (dev, prod); name one with --stack."],
    ["test", "--stack test: there is no Pulumi.test.yaml in DIR; there are: dev, prod."],
    ["a b", '--stack "a b": letters, digits, hyphens, dots and underscores were expected.'],
  ])("%s is refused among several", (stack, message) => {
    const root = directoryOf({ "Pulumi.yaml": NODE, "Pulumi.dev.yaml": "", "Pulumi.prod.yaml": "" });
    const complain = complaint(root, () => readStackConfig(readProject(root), stack, new Map()));
    expect(complain).toBe(`InputError: ${message}`);
  });
});

describe("configuration", () => {
  it("is text by full key, structured values as JSON", () => {
    const yaml =
      "config:\n  aws:region: eu-west-1\n  mail:port: 25\n  mail:on: true\n  local: x\n  mail:list: [1, {a: b}]\n  old:config:key: y\n";
    expect(read({ "Pulumi.dev.yaml": yaml }).config).toEqual({
      "aws:region": "eu-west-1",
      "mail:port": "25",
      "mail:on": "true",
      "mail:local": "x",
      "mail:list": '[1,{"a":"b"}]',
      "old:key": "y",
    });
  });

  it("has the project's values and defaults below the stack's", () => {
    const project = `${NODE}config:
  aws:region: eu-north-1
  domain: { type: string, default: example.com }
  zones: { type: array, items: { type: string }, value: [a] }
  required: { type: string, description: no value }
  plain: { nested: 1 }
  token: { type: string, secret: true, default: t }
template:
  config:
    mail:size: { default: small }
`;
    const stack = "config:\n  mail:domain: mail.example\n";
    expect(read({ "Pulumi.yaml": project, "Pulumi.dev.yaml": stack })).toMatchObject({
      config: {
        "aws:region": "eu-north-1",
        "mail:domain": "mail.example",
        "mail:zones": '["a"]',
        "mail:plain": '{"nested":1}',
        "mail:token": "t",
      },
      secretKeys: ["mail:token"],
    });
    expect(read({ "Pulumi.yaml": project }).config["mail:size"]).toBe("small");
  });

  it("has a mark in place of what is encrypted, or a value from elsewhere", () => {
    const yaml =
      "config:\n  mail:password: { secure: v1:x }\n  mail:login:\n    name: a\n    password: { secure: v1:y }\n";
    expect(read({ "Pulumi.dev.yaml": yaml })).toMatchObject({
      config: { "mail:password": SECRET_TEXT, "mail:login": `{"name":"a","password":"${SECRET_TEXT}"}` },
      secretKeys: ["mail:password", "mail:login"],
    });
    expect(read({ "Pulumi.dev.yaml": yaml }, undefined, { "mail:password": "known" }).config["mail:password"]).toBe(
      "known",
    );
  });

  it("warns of environments, which nobody resolves", () => {
    expect(read({ "Pulumi.dev.yaml": "environment:\n  - prod\n" }).warnings).toEqual([
      expect.stringMatching(/Pulumi\.dev\.yaml:2: environments are not resolved; their values are missing\.$/),
    ]);
  });

  it.each([
    ["config: [a]\n", 'DIR/Pulumi.dev.yaml:1: config is ["a"]; a mapping of keys to values was expected.'],
    [
      "config:\n  a:b:c: 1\n",
      'DIR/Pulumi.dev.yaml:2: "a:b:c" is no configuration key; <namespace>:<name> was expected.',
    ],
    ["config:\n\ta: 1\n", "DIR/Pulumi.dev.yaml:2:1: the file is not valid YAML: Tabs are not allowed as indentation"],
    ["config:\n  a: 1\n  a: 2\n", "DIR/Pulumi.dev.yaml:3:3: the file is not valid YAML: Map keys must be unique"],
  ])("%j is refused", (yaml, message) => {
    const root = directoryOf({ "Pulumi.yaml": NODE, "Pulumi.dev.yaml": yaml });
    const complain = complaint(root, () => readStackConfig(readProject(root), undefined, new Map()));
    expect(complain).toBe(`InputError: ${message}`);
  });
});
