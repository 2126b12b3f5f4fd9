import { PassThrough, type Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestContext } from "node:test";
import type { SourceEvent } from "../../src/core/events.js";
import type { Frame } from "../../src/core/frame.js";
import type { KvsHlsFrameSourceOptions } from "../../src/core/option-types.js";
import type { FrameSource, OpenSource } from "../../src/cli/open-source.js";
import { runCommandLine } from "../../src/cli/program.js";
import { temporaryDirectory } from "./test-frame.js";

const FOR_EVER_MS = 2 ** 31 - 1;

export interface SourceScript {
  /** What iteration gives: frames to deliver, errors to throw, "wait" to say nothing until the source is stopped, "hang" not to stop even then. */
  readonly steps?: Iterable<Frame | Error | "wait" | "hang">;
  readonly events?: readonly SourceEvent[];
  readonly isHealthy?: boolean;
  /** Called before each frame but the first. */
  readonly beforeNext?: () => unknown;
}

export interface ScriptedSource {
  readonly open: OpenSource;
  readonly options: KvsHlsFrameSourceOptions[];
  /** Frames that were asked for. */
  readonly delivered: () => number;
  readonly isDisposed: () => boolean;
}

/** A source that does what the script says, and keeps the contract: stopping it rejects with the signal's reason. */
export function scriptedSource({ steps = [], events = [], isHealthy = true, beforeNext }: SourceScript): ScriptedSource {
  const options: KvsHlsFrameSourceOptions[] = [];
  let delivered = 0;
  let isDisposed = false;
  const open: OpenSource = (given) => {
    options.push(given);
    const signal = given.signal ?? new AbortController().signal;
    async function* frames(): AsyncGenerator<Frame> {
      for (const event of events) given.onEvent?.(event);
      for (const step of steps) {
        if (delivered > 0) await beforeNext?.();
        signal.throwIfAborted();
        if (step === "wait") await sleep(FOR_EVER_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
        else if (step === "hang") await sleep(FOR_EVER_MS);
        else if (step instanceof Error) throw step;
        else {
          delivered++;
          given.onEvent?.({ type: "frame", frame: step });
          yield step;
        }
      }
    }
    const source: FrameSource = {
      state: "connected",
      isHealthy: () => isHealthy,
      release: () => undefined,
      [Symbol.asyncIterator]: frames,
      [Symbol.asyncDispose]: () => {
        isDisposed = true;
        return Promise.resolve();
      },
    };
    return Promise.resolve(source);
  };
  return { open, options, delivered: () => delivered, isDisposed: () => isDisposed };
}

export interface FinishedRun {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** stdout, line by line. */
  readonly records: readonly Record<string, unknown>[];
  readonly summary: Record<string, unknown> | undefined;
  readonly source: ScriptedSource;
  /** Where the images go. */
  readonly out: string;
}

export interface RunOptions extends SourceScript {
  readonly out?: string;
  readonly signal?: AbortSignal;
  readonly stdout?: Writable;
  readonly stderrIsTty?: boolean;
  readonly onStderr?: (text: string) => void;
}

/** Runs `kvs-frames pull` in this process on a scripted source, with images in a directory of the test's own. */
export async function pull(context: TestContext, flags: string, { out, signal, stdout = new PassThrough(), stderrIsTty, onStderr, ...script }: RunOptions = {}): Promise<FinishedRun> {
  const source = scriptedSource(script);
  const stderr = Object.assign(new PassThrough(), { isTTY: stderrIsTty, columns: 120, rows: 24 });
  const collected = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  if (stdout instanceof PassThrough) stdout.on("data", (chunk: Buffer) => collected.stdout.push(chunk));
  stderr.on("data", (chunk: Buffer) => {
    collected.stderr.push(chunk);
    onStderr?.(chunk.toString());
  });
  const directory = out ?? (await temporaryDirectory(context));
  const place = flags.includes("--out") ? [] : ["--out", directory];
  const argv = ["pull", "--stream-name", "front", ...place, ...flags.split(" ").filter(Boolean)];
  const exitCode = await runCommandLine(argv, { env: {}, stdout, stderr, signal: signal ?? new AbortController().signal, onHangUp: () => undefined, openSource: source.open });
  await new Promise((resolve) => setImmediate(resolve)); // the last bytes reach the collectors
  const output = Buffer.concat(collected.stdout);
  const records = flags.includes("--out -") ? [] : output.toString().split("\n").filter(Boolean).map((line) => JSON.parse(line) as Record<string, unknown>);
  return { exitCode, stdout: output, stderr: Buffer.concat(collected.stderr).toString(), records, summary: records.find(({ type }) => type === "summary"), source, out: directory };
}
