import fc from "fast-check";
import { parse } from "yaml";
import {
  awsCloud,
  azureCloud,
  type BootstrapSettings,
  type DeliverySettings,
  type GatewaySettings,
  Resolver,
} from "../../components/render";
import { renderSettings } from "../components/arbitraries";

/** The files that a delivery script writes, by path. */
export function filesOf(script: string): Map<string, string> {
  const documents = script.matchAll(/^cat >(\S+) <<'RELAYPROOF'\n([\s\S]*?)^RELAYPROOF$/gm);
  return new Map([...documents].map(([, path = "", text = ""]) => [path, text]));
}

/** The files that user data writes, by path. */
export function filesOfUserData(userData: string): Map<string, string> {
  const { write_files } = parse(userData) as { write_files: { path: string; content: string }[] };
  return new Map(write_files.map(({ path, content }) => [path, content]));
}

const clouds = {
  aws: awsCloud(),
  "aws, pinned": awsCloud({
    metricNamespace: "Mail/Gateways",
    agent: { version: "3.3.987.0", sha256: "ab".repeat(32) },
  }),
  azure: azureCloud(),
  "azure, NVMe": azureCloud({ queueLun: 3, diskController: "NVMe" }),
};

/** What the settings of both texts are made of. */
const choices = fc.record({
  gateway: renderSettings,
  cloud: fc.constantFrom(...(Object.keys(clouds) as (keyof typeof clouds)[])),
  common: fc.record({ resolver: fc.constantFrom(Resolver.Own, Resolver.Cloud), queueVolume: fc.boolean() }),
  more: fc.record({
    outbound: fc.constantFrom("open" as const, "held" as const),
    smartHost: fc.option(
      fc.record({ host: fc.constant("email-smtp.eu-central-1.amazonaws.com"), port: fc.constantFrom(587, 2587) }),
      { nil: undefined },
    ),
    recipientsObject: fc.boolean(),
    acme: fc.option(fc.constant({ email: "postmaster@example.com" }), { nil: undefined }),
    mailLog: fc.boolean(),
    metrics: fc.boolean(),
  }),
});

/** A property of the settings of both texts, whatever they are. */
export function whatever(numRuns: number, holds: (before: BootstrapSettings, after: DeliverySettings) => void): void {
  fc.assert(
    fc.property(choices, ({ gateway, cloud, common, more }) => {
      const both = { ...common, cloud: clouds[cloud] };
      holds(
        { ...both, hostname: gateway.hostname },
        { ...withoutList(gateway, more.recipientsObject), ...both, ...more },
      );
    }),
    { numRuns },
  );
}

function withoutList(gateway: GatewaySettings, fetched: boolean): GatewaySettings {
  return fetched ? { ...gateway, postfix: { ...gateway.postfix, recipients: undefined } } : gateway;
}
