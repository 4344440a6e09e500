import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";

/**
 * Serves a plugin of Pulumi's engine on loopback, and prints the port, which is what the engine waits for. Ends when the engine does,
 * which closes standard input, and when it is told to: by `Cancel`, and an interrupt after it. An interrupt alone comes from a terminal,
 * which interrupts all; the engine decides what becomes of it. Who does not end is killed after five seconds, one after the other.
 *
 * @param end ends what the plugin started, once it is told to end
 */
export function servePlugin<T extends grpc.UntypedServiceImplementation>(
  service: grpc.ServiceDefinition<T>,
  implementation: T,
  end: () => void = () => {},
): void {
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  let isCancelled = false;
  const cancel = method(() => {
    isCancelled = true;
    end();
    return new Empty();
  });
  server.addService(service, { ...implementation, cancel });
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) throw error;
    console.log(port);
  });
  process.on("SIGINT", () => {
    if (isCancelled) process.exit();
  });
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
