import * as grpc from "@grpc/grpc-js";

/**
 * Serves a plugin of Pulumi's engine on loopback, and prints the port, which is what the engine waits for. Ends when the engine does,
 * which closes standard input.
 */
export function servePlugin<T extends grpc.UntypedServiceImplementation>(
  service: grpc.ServiceDefinition<T>,
  implementation: T,
): void {
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(service, implementation);
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) throw error;
    console.log(port);
  });
  process.on("SIGINT", () => {}); // The engine decides when a plugin ends, also where the terminal interrupts all.
  process.stdin.on("end", () => process.exit()).resume();
}

/** A method that answers by a promise; what it rejects with becomes the error that the engine shows. */
export function method<Request, Response>(
  answer: (request: Request) => Response | Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, done) => {
    Promise.resolve()
      .then(() => answer(call.request))
      .then(
        (response) => done(null, response),
        (error: Error) => done({ code: grpc.status.UNKNOWN, message: error.message }),
      );
  };
}
