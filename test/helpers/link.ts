import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** A way to a server on this machine that can be cut: connections end then, and new ones are refused. */
export class Link implements AsyncDisposable {
  #server: Server | undefined;
  #port = 0;
  readonly #sockets = new Set<Socket>();

  /** @param to URL of the server */
  constructor(private readonly to: string) {}

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async up(): Promise<void> {
    const { hostname, port } = new URL(this.to);
    this.#server = createServer((near) => {
      const far = connect(Number(port), hostname);
      for (const [socket, other] of [[near, far], [far, near]] as const) {
        this.#sockets.add(socket);
        socket.on("error", () => other.destroy()).on("close", () => this.#sockets.delete(socket));
        socket.pipe(other);
      }
    });
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Also chooses the port, where it was never up. */
  async down(): Promise<void> {
    if (this.#server === undefined) await this.up();
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = once(server, "close");
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
  }
}
