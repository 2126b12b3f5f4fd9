import { setTimeout as sleep } from "node:timers/promises";
import type { Camera } from "./camera/camera.js";
import { startCameras } from "./cameras.js";
import { Journal, type JournalEntry } from "./http/journal.js";
import type { Request } from "./http/message.js";
import { overriddenReply } from "./http/override.js";
import { close, listen, originOf, type Delivery } from "./http/server.js";
import type { EmulatorOptions } from "./options.js";
import { Service } from "./service.js";

/** A local Kinesis Video Streams. */
export interface Emulator {
  /** The endpoint to give to an SDK. */
  readonly url: string;
  readonly cameras: ReadonlyMap<string, Camera>;
  /** Every request so far, oldest first. */
  readonly journal: readonly JournalEntry[];
  close(): Promise<void>;
}

/** Encodes the cameras' media, then serves them until closed. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const { ffmpeg, host = "127.0.0.1", port = 0, signal } = options;
  const cameras = await startCameras({ path: ffmpeg, signal }, options.cameras);
  const journal = new Journal();
  const closing = new AbortController();
  const server = await listen(host, port, answerer(new Service(cameras, options), journal, options, closing.signal));
  let closed: Promise<void> | undefined;
  const emulator: Emulator = {
    url: originOf(server),
    cameras,
    journal: journal.entries,
    close: () => {
      closing.abort();
      closed ??= close(server);
      return closed;
    },
  };
  signal?.addEventListener("abort", () => void emulator.close(), { once: true, signal: closing.signal });
  return emulator;
}

/** Answers requests as the service would, unless the hook wants it otherwise, and writes them down. */
function answerer(service: Service, journal: Journal, { onRequest }: EmulatorOptions, closing: AbortSignal): (request: Request) => Promise<Delivery> {
  return async (request) => {
    const facts = service.identify(request, Date.now());
    const override = (await onRequest?.(facts)) ?? {};
    if (override.delayMs !== undefined) await sleep(override.delayMs, undefined, { signal: closing });
    if (override.destroy) {
      journal.add(facts, 0, 0);
      return {};
    }
    const reply = overriddenReply(override, () => service.answer(request));
    journal.add(facts, reply.status, Math.min(reply.body.length, override.truncateAt ?? Infinity));
    return { reply, truncateAt: override.truncateAt };
  };
}
