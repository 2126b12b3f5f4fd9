import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type OnReadOpts, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface SocketPair {
  readonly ours: Socket;
  /** To be a child's standard stream, and closed here once the child has it. */
  readonly theirs: Socket;
}

/**
 * Two connected ends, of which ours reads into buffers of ours: the pipes that `spawn` makes cannot.
 * @throws where the temporary directory cannot hold a socket
 */
export async function openSocketPair(onread: OnReadOpts): Promise<SocketPair> {
  // Nobody else may enter this directory, and thus connect.
  const directory = await mkdtemp(join(tmpdir(), "kvs-frames-"));
  const server = createServer({ pauseOnConnect: true });
  try {
    const path = join(directory, "pixels");
    await once(server.listen(path), "listening");
    const ours = connect({ path, onread });
    const [[theirs]] = (await Promise.all([once(server, "connection"), once(ours, "connect")])) as [[Socket], unknown];
    return { ours, theirs };
  } finally {
    server.close();
    await rm(directory, { recursive: true, force: true });
  }
}
