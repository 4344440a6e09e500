import { basename } from "node:path";
import type { ServiceDefinition, UntypedServiceImplementation } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { servePlugin } from "../plugin-server";
import { awsProvider } from "./aws";
import { azureProvider } from "./azure";
import { genericProvider } from "./generic";
import { providerService } from "./service";

/** A provider plugin for tests. Its package is in the name that the engine started it by: `pulumi-resource-aws`. */
const name = basename(process.argv[1] ?? "").replace("pulumi-resource-", "");
const made = {
  aws: { provider: awsProvider, version: "7.48.0" },
  "azure-native": { provider: azureProvider, version: "3.28.0" },
};
const { provider, version } = made[name as keyof typeof made] ?? { provider: genericProvider, version: "1.0.0" };
servePlugin(
  ResourceProviderService as unknown as ServiceDefinition<UntypedServiceImplementation>,
  providerService(provider(), version),
);
