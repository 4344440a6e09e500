import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { answersFor } from "../answers";
import { bridged } from "../bridge";
import { fileService } from "../file-service";
import type { Kind, Provider, Service } from "../provider";
import type { Props, Value } from "../values";
import { documentService } from "./documents";
import { emulated } from "./emulated";
import { FACTS } from "./facts";

/**
 * The AWS provider for tests. Where `AWS_ENDPOINT_URL` names an emulator, resources are created there by the same calls that the real
 * provider makes, so that an independent EC2 judges them; types that it does not have, and all without it, are kept in files.
 */
export function awsProvider(): Provider {
  let region = "us-east-1";
  const services = process.env.AWS_ENDPOINT_URL === undefined ? {} : emulated(() => region);
  const answers = () => answersFor(new Map([["aws:region", region]]));
  return {
    kind: (type) => {
      const kind = kindOf(type, services[type]);
      return kind && { ...kind, service: withAnswers(kind.service, (id) => answers().read(type, id)) };
    },
    configure: (config) => {
      if (typeof config.region === "string") region = config.region;
    },
    invoke: async (token, args) => answers().invoke(token, args),
  };
}

const DOCUMENT = "aws:ssm/document:Document";

function kindOf(type: string, service: Service | undefined): Kind | null {
  const outputs = outputsOf(type);
  if (outputs === null) return null;
  const { replaceOn = [], computed = [], defaults = {}, named, replaces, renews } = FACTS[type] ?? {};
  const made = (id: string) => madeUp(type, id, outputs);
  return bridged({
    outputs,
    computed,
    defaults,
    ...(named !== undefined && { named }),
    ...(renews !== undefined && { renews }),
    replaces: (changed, old, news) => [
      ...new Set([...changed.filter((key) => replaceOn.includes(key)), ...(replaces?.(changed, old, news) ?? [])]),
    ],
    service: service ?? (type === DOCUMENT ? documentService(made) : fileService(idPrefix(type), made)),
  });
}

/** Properties that only the provider sets: the SDK says so where it makes the inputs. Null if there is no such type. */
function outputsOf(type: string): string[] | null {
  const file = join(dirname(require.resolve("@pulumi/aws/package.json")), `${type.split(":")[1]}.js`);
  if (!existsSync(file)) return null;
  const source = readFileSync(file, "utf8");
  return [...source.matchAll(/resourceInputs\["(\w+)"\] = undefined \/\*out\*\//g)].map(([, key = ""]) => key);
}

/** Reads what was not created here from the answers. */
function withAnswers(service: Service, known: (id: string) => Props | null): Service {
  const read: Service["read"] = async (id, before) => {
    const actual = await service.read(id, before);
    return actual ?? known(id);
  };
  return { ...service, read };
}

/** The id of what belongs to a load balancer is its ARN: `d.SetId` in internal/service/elbv2 of the Terraform provider. */
function idPrefix(type: string): string {
  const name = type.split(":").at(-1)?.toLowerCase() ?? "";
  return type.startsWith("aws:lb/") ? `arn:aws:elasticloadbalancing:us-east-1:123456789012:${name}/` : name;
}

function madeUp(type: string, id: string, outputs: readonly string[]): Props {
  const [, module = ""] = type.split(":");
  const arn = id.startsWith("arn:") ? id : `arn:aws:${module.replace("/", ":us-east-1:123456789012:")}/${id}`;
  const values: Props = { arn, tagsAll: {} };
  const made = outputs.map((key): [string, Value] => [
    key,
    values[key] ?? (/^(arn|id)$|Id$/.test(key) ? id : `${key} of ${id}`),
  ]);
  return Object.fromEntries(made);
}
