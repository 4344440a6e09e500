import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as clouds from ".";

/**
 * The components as a plugin, for programs in any language that Pulumi has: what `main` in package.json names, because Pulumi starts a
 * plugin by the path of its folder. Programs for Node import the package by its name, which `exports` leads to the library.
 */

type Component = new (
  name: string,
  args: pulumi.Inputs,
  options: pulumi.ComponentResourceOptions,
) => pulumi.ComponentResource;

// The compiled file lies in dist/components.
const root = join(__dirname, "../..");
const schema = readFileSync(join(root, "components/schema.json"), "utf8");
const { version, resources } = JSON.parse(schema) as {
  version: string;
  resources: Readonly<Record<string, { readonly properties?: Readonly<Record<string, unknown>> }>>;
};

const provider: pulumi.provider.Provider = {
  version,
  schema,
  construct: async (name, type, inputs, options) => {
    const component = componentOf(type);
    const outputs = Object.keys(resources[type]?.properties ?? {});
    if (component === undefined)
      throw new pulumi.RunError(`${type}: there is no such component in relayproof ${version}`);
    const instance = new component(name, inputs, options);
    const state = outputs.map((output) => [output, instance[output as keyof typeof instance]]);
    return { urn: instance.urn, state: Object.fromEntries(state) };
  },
};

/** `relayproof:aws:MailPerimeter` is `aws.MailPerimeter`. */
function componentOf(type: string): Component | undefined {
  const [, cloud = "", name = ""] = type.split(":");
  if (!Object.hasOwn(resources, type)) return undefined;
  return (clouds as unknown as Record<string, Record<string, Component>>)[cloud]?.[name];
}

void pulumi.provider.main(provider, process.argv.slice(2));
