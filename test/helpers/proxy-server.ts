import { createServer as createHttpServer, request as httpRequest, type IncomingMessage } from "node:http";
import { connect, createServer, type Server, type Socket } from "node:net";
import { listening } from "./scripted-server.js";

export interface ProxyServer extends AsyncDisposable {
  /** 127.0.0.1 and the port. */
  readonly host: string;
  /** Whom it was asked for, as host:port. */
  readonly asked: string[];
  /** Its clients' proxy-authorization headers, or user:password of SOCKS. */
  readonly proofs: string[];
}

/** An HTTP proxy: CONNECT for https, an absolute address for http. */
export async function startProxy(): Promise<ProxyServer> {
  const [asked, proofs]: [string[], string[]] = [[], []];
  const note = ({ headers }: IncomingMessage, host: string): unknown => [asked.push(host), proofs.push(headers["proxy-authorization"] ?? "")];
  const server = createHttpServer((incoming, outgoing) => {
    note(incoming, new URL(incoming.url ?? "").host);
    const onward = httpRequest(incoming.url ?? "", { method: incoming.method, headers: incoming.headers }, (answer) => answer.pipe(outgoing.writeHead(answer.statusCode ?? 0, answer.headers)));
    incoming.pipe(onward);
  });
  server.on("connect", (request: IncomingMessage, client: Socket) => {
    note(request, request.url ?? "");
    pass(client, Number(request.url?.split(":").at(-1)), () => client.write("HTTP/1.1 200 Connection established\r\n\r\n"));
  });
  return started(server, asked, proofs);
}

/** A SOCKS5 proxy (RFC 1928) that wants user and password (RFC 1929) when they are offered. */
export async function startSocks(): Promise<ProxyServer> {
  const [asked, proofs]: [string[], string[]] = [[], []];
  const server = createServer((client) => {
    const read = async (): Promise<void> => {
      const next = reading(client);
      const wantsProof = (await next((await next(2))[1] ?? 0)).includes(2);
      client.write(Buffer.from([5, wantsProof ? 2 : 0]));
      if (wantsProof) {
        const user = await next((await next(2))[1] ?? 0);
        proofs.push(`${user.toString()}:${(await next((await next(1))[0] ?? 0)).toString()}`);
        client.write(Buffer.from([1, 0]));
      }
      const type = (await next(4))[3];
      const host = type === 1 ? [...(await next(4))].join(".") : (await next((await next(1))[0] ?? 0)).toString();
      const port = (await next(2)).readUInt16BE();
      asked.push(`${host}:${port}`);
      pass(client, port, () => client.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0])));
    };
    read().catch(() => client.destroy());
  });
  return started(server, asked, proofs);
}

/** Goes on to that port of this machine, whatever the host. */
function pass(client: Socket, port: number, onOpen: () => void): void {
  const onward = connect(port, "127.0.0.1", () => {
    onOpen();
    onward.pipe(client).pipe(onward);
  });
  for (const socket of [onward, client]) socket.on("error", () => [onward, client].forEach((each) => each.destroy()));
}

function reading(client: Socket): (bytes: number) => Promise<Buffer> {
  return async (bytes) => {
    for (;;) {
      const chunk = client.read(bytes) as Buffer | null;
      if (chunk !== null) return chunk;
      await new Promise((resolve, reject) => client.once("readable", resolve).once("close", reject));
    }
  };
}

async function started(server: Server, asked: string[], proofs: string[]): Promise<ProxyServer> {
  return { ...(await opened(server)), asked, proofs };
}

async function opened(server: Server): Promise<{ host: string } & AsyncDisposable> {
  const clients = new Set<Socket>();
  server.on("connection", (client) => clients.add(client.on("error", () => undefined)));
  const dispose = (): Promise<void> => {
    for (const client of clients) client.destroy();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return { host: `127.0.0.1:${await listening(server)}`, [Symbol.asyncDispose]: dispose };
}

/** Something that listens and does what it likes with its clients. */
export const startListener = (serve: (client: Socket) => unknown): Promise<{ host: string } & AsyncDisposable> => opened(createServer(serve));
