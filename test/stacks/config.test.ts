import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { aws, azure } from "../../components";
import { perimeterConfig } from "../../stacks/config";
import { ofType, refusal, register, types } from "../components/harness";

const folder = join(__dirname, "../../stacks");
const project = parse(readFileSync(join(folder, "../Pulumi.yaml"), "utf8")).name as string;

/** A stack's configuration as Pulumi hands it over: everything but a text is JSON. */
function configOf(stack: string): Record<string, string> {
  const { config } = parse(readFileSync(join(folder, `Pulumi.${stack}.yaml`), "utf8"));
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

const stacks = readdirSync(folder).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);

const build = (config: Record<string, string>) => () => {
  const { cloud, args } = perimeterConfig(project, config);
  if (cloud === "aws") new aws.MailPerimeter("mail", args);
  else new azure.MailPerimeter("mail", args);
};

test("the stacks are dev, prod and staging, on each cloud", () => {
  expect(stacks).toEqual(["azure-dev", "azure-prod", "azure-staging", "dev", "prod", "staging"]);
});

test.each(stacks)("%s is complete and valid", async (stack) => {
  const resources = await register(build(configOf(stack)));
  const machines = ofType(resources, types.instance, "azure-native:compute:VirtualMachine");
  expect(machines.length).toBe(stack.endsWith("dev") ? 1 : 2);
});

test("staging and prod differ in what they admit, not in what they are", async () => {
  const kinds = async (stack: string) => new Set((await register(build(configOf(stack)))).map(({ type }) => type));
  expect(await kinds("staging")).toEqual(await kinds("prod"));
  expect(await kinds("azure-staging")).toEqual(await kinds("azure-prod"));
});

describe("refuses in one line", () => {
  const key = (name: string) => `${project}:${name}`;
  test.each<[Record<string, string | undefined>, string]>([
    [{ domains: undefined }, `configuration ${project}:domains: missing: expected a list of texts`],
    [{ domains: "example.com" }, `configuration ${project}:domains: "example.com": expected a list of texts`],
    [{ exposure: "open" }, `configuration ${project}:exposure: "open": expected one of staged, live`],
    [{ cloud: "gcp" }, `configuration ${project}:cloud: "gcp": expected one of aws, azure`],
    [{ hostname: "mx" }, `configuration ${project}:hostname: "mx": expected no such key`],
    [{ network: '{"cidr": 10}' }, `configuration ${project}:network.cidr: 10: expected a text`],
    [{ network: '{"vpc": "x"}' }, `configuration ${project}:network.vpc: "x": expected no such key`],
    [
      { approvedSenders: '[{"cidr": "10.20.1.1"}]' },
      `configuration ${project}:approvedSenders[0].reason: missing: expected a text`,
    ],
    [{ exchangeServers: '["10.99.0.1"]' }, 'exchangeServers[0]: "10.99.0.1": expected an address inside the network'],
  ])("%j", async (changes, message) => {
    const changed = Object.entries(changes).map(([name, value]) => [key(name), value] as const);
    const merged = { ...configOf("dev"), ...Object.fromEntries(changed) };
    const config = Object.fromEntries(
      Object.entries(merged).filter((it): it is [string, string] => it[1] !== undefined),
    );
    const refused = await refusal(build(config));
    expect(refused).toContain(message);
    expect(refused).not.toContain("\n");
  });

  test("keys of a project that has another name, as pulumi new gives it", () => {
    const config = { ...configOf("dev"), "our-mail:domains": "y" };
    expect(() => perimeterConfig("our-mail", config)).toThrow(
      "configuration our-mail:domains: expected a key of the perimeter, mail-perimeter:domains",
    );
    expect(perimeterConfig("our-mail", configOf("dev"))).toEqual(perimeterConfig(project, configOf("dev")));
  });

  test("keys of others are left alone", () => {
    expect(
      perimeterConfig(project, { ...configOf("dev"), "aws:profile": "x", "other:domains": "y" }).args,
    ).toMatchObject({
      domains: ["dev.example.com"],
    });
  });
});
