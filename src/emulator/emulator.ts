import type { Camera } from "./camera/camera.js";
import { startCameras } from "./cameras.js";
import { wait } from "./faults/pace.js";
import { parseFault, parseFaults } from "./faults/parse.js";
import type { FaultInput } from "./faults/schema.js";
import { FaultScript, type ScheduledFault } from "./faults/script.js";
import type { Delivery, Exchange } from "./http/exchange.js";
import { Journal, type JournalEntry } from "./http/journal.js";
import { Link } from "./http/link.js";
import type { Request } from "./http/message.js";
import { isFaithful, overriddenReply, paceOf } from "./http/override.js";
import { cutToRange } from "./http/range.js";
import { close, listen, originOf } from "./http/server.js";
import { DEFAULT_FFMPEG, type EmulatorOptions } from "./options.js";
import { Service } from "./service.js";

/** A local Kinesis Video Streams. */
export interface Emulator {
  /** The endpoint to give to an SDK. */
  readonly url: string;
  readonly cameras: ReadonlyMap<string, Camera>;
  /** Every request so far, oldest first. */
  readonly journal: readonly JournalEntry[];
  /** Every fault, those to come too, in the order in which they were given. */
  readonly faults: readonly ScheduledFault[];
  /**
   * Lets something go wrong; its time counts from now.
   * @throws RangeError saying what the fault lacks
   */
  inject(fault: FaultInput): ScheduledFault;
  close(): Promise<void>;
}

/** Encodes the cameras' media, then serves them until closed. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const { ffmpeg = DEFAULT_FFMPEG, host = "127.0.0.1", port = 0, env, signal } = options;
  const streams = options.cameras.map(({ name }) => name);
  const faults = parseFaults(options.faults ?? [], streams);
  const cameras = await startCameras({ path: ffmpeg, env, signal }, options.cameras);
  const journal = new Journal(options.onAnswered);
  const script = new FaultScript(cameras);
  const startedAt = Date.now();
  for (const fault of faults) script.add(fault, startedAt);
  const closing = new AbortController();
  const server = await listen(host, port, answerer(new Service(cameras, options), journal, script, options));
  let closed: Promise<void> | undefined;
  const emulator: Emulator = {
    url: originOf(server),
    cameras,
    journal: journal.entries,
    faults: script.scheduled,
    inject: (fault) => script.add(parseFault(fault, streams, "fault"), Date.now()),
    close: () => {
      closing.abort();
      closed ??= close(server);
      return closed;
    },
  };
  signal?.addEventListener("abort", () => void emulator.close(), { once: true, signal: closing.signal });
  return emulator;
}

type Answerer = (request: Request, exchange: Exchange) => Promise<Delivery>;

/** Answers requests as the service would, unless the hook or a fault wants it otherwise, and writes them down. */
function answerer(service: Service, journal: Journal, script: FaultScript, { onRequest, switches, linkMbps }: EmulatorOptions): Answerer {
  const link = linkMbps === undefined ? undefined : new Link(linkMbps);
  return async (request, { signal, ended }) => {
    const now = Date.now();
    script.strike(service.sessions, now);
    const facts = service.identify(request, now);
    const wanted = await onRequest?.(facts);
    const fault = wanted === undefined ? script.hit(facts) : undefined;
    const override = wanted ?? fault?.override ?? {};
    const record = journal.add(facts, fault?.kind, ended);
    if (override.delayMs !== undefined) await wait(override.delayMs, signal);
    if (override.destroy) return {};
    const whole = await overriddenReply(override, () => service.answer(request, fault?.astray));
    const isCut = switches?.ranges === "honoured" && facts.operation === "GetMP4MediaFragment" && whole.status === 200;
    const reply = isCut ? cutToRange(whole, facts.askedRange) : whole;
    record.answered(reply, isFaithful(override) && fault?.astray === undefined);
    return { reply, pace: link ? link.through(paceOf(override)) : paceOf(override), onTaken: record.taken };
  };
}
