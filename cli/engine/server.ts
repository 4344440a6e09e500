import { createServer, type Server as NetServer, type Socket } from "node:net";

/**
 * A gRPC server on the loopback interface whose address is known before gRPC is loaded: the program's process starts up meanwhile, and its
 * connections wait until the services are there.
 */
export class LoopbackServer {
  readonly #net: NetServer;
  readonly #sockets = new Set<Socket>();
  readonly #waiting: Socket[] = [];
  #accept: ((socket: Socket) => void) | undefined;

  private constructor(net: NetServer) {
    this.#net = net;
    net.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      socket.on("error", () => socket.destroy());
      if (this.#accept === undefined) {
        this.#waiting.push(socket);
      } else {
        this.#accept(socket);
      }
    });
  }

  static async listen(): Promise<LoopbackServer> {
    const net = createServer({ pauseOnConnect: false });
    const server = new LoopbackServer(net);
    await new Promise<void>((resolve, reject) => {
      net.once("error", reject);
      net.listen(0, "127.0.0.1", resolve);
    });
    return server;
  }

  get address(): string {
    const address = this.#net.address();
    return typeof address === "object" && address !== null ? `127.0.0.1:${address.port}` : "";
  }

  /** Hands every connection, past and future, to `accept`. */
  serve(accept: (socket: Socket) => void): void {
    this.#accept = accept;
    for (const socket of this.#waiting.splice(0)) {
      accept(socket);
    }
  }

  close(): void {
    this.#net.close();
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }
}
