import type { Socket } from "node:net";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import { type EngineLog, engineService } from "./log";
import { type MonitorOptions, monitorService } from "./monitor";

export interface Services {
  accept(socket: Socket): void;
  close(): void;
}

const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

/** The two services a program talks to. This module loads gRPC and the message types; import it once the program is on its way. */
export function startServices(options: MonitorOptions & { readonly log: EngineLog }): Services {
  const server = new Server({ "grpc.max_receive_message_length": MAX_MESSAGE_BYTES });
  const monitor = monitorService(options);
  server.addService(ResourceMonitorService, monitor.service);
  server.addService(EngineService, engineService(options.log));
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  return {
    accept: (socket) => injector.injectConnection(socket),
    close: () => {
      monitor.close();
      injector.destroy();
      server.forceShutdown();
    },
  };
}
