import { basename } from "node:path";
import type { ServiceDefinition, UntypedServiceImplementation } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { servePlugin } from "../plugin-server";
import { awsProvider } from "./aws";
import { genericProvider } from "./generic";
import { providerService } from "./service";

/** A provider plugin for tests. Its package is in the name that the engine started it by: `pulumi-resource-aws`. */
const name = basename(process.argv[1] ?? "").replace("pulumi-resource-", "");
const provider = name === "aws" ? awsProvider() : genericProvider();
servePlugin(
  ResourceProviderService as unknown as ServiceDefinition<UntypedServiceImplementation>,
  providerService(provider, "7.48.0"),
);
