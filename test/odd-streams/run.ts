import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator, type Emulator, type FragmentTruth } from "../../src/emulator/index.js";
import { KvsHlsFrameSource, type KvsHlsFrameSourceOptions, type SourceEvent } from "../../src/index.js";
import { FFMPEG } from "../helpers/emulated.js";
import { PIXEL_FORMAT } from "./clips.js";
import type { OddStream } from "./samples.js";

/** A picture that was delivered, or that should be. */
interface Seen {
  readonly hash: string;
  /** Unix epoch, milliseconds. */
  readonly at: number;
}

/** What came of a pull. */
export interface Verdict {
  readonly expected: readonly Seen[];
  readonly got: readonly Seen[];
  readonly gaps: readonly { readonly fromMs: number; readonly toMs: number; readonly cause: string }[];
  /** What it ended with, if not well. */
  readonly error: string | undefined;
  /** What was said of what could not be read. */
  readonly complaints: readonly string[];
}

/** An emulator that plays odd streams, each as a camera. */
export class Player implements AsyncDisposable {
  private constructor(
    private readonly emulator: Emulator,
    private readonly folder: string,
    private readonly streams: ReadonlyMap<string, OddStream>,
  ) {}

  static async start(streams: ReadonlyMap<string, OddStream>): Promise<Player> {
    const folder = await mkdtemp(join(tmpdir(), "odd-streams-"));
    const cameras = [...streams.keys()].map((name) => ({ name, source: { kind: "folder" as const, path: join(folder, name) }, historySeconds: 900, retentionHours: 2 }));
    for (const [name, { files }] of streams) {
      await mkdir(join(folder, name));
      for (const file of files) await writeFile(join(folder, name, file.name), file.bytes);
    }
    return new Player(await startEmulator({ ffmpeg: FFMPEG, cameras, limits: false }), folder, streams);
  }

  /** Pulls one turn of a stream out of the archive. */
  async pull(name: string, options: Partial<KvsHlsFrameSourceOptions> = {}): Promise<Verdict> {
    const { stream, camera } = this.#at(name);
    const now = Date.now();
    const fragments = camera.fragments(now - 600_000, now - 30_000, "producer");
    fragments.sort((a, b) => a.startMs.producer - b.startMs.producer);
    const begins = fragments.findIndex(({ frames }, at) => at >= stream.counts.length && frames[0]?.counter === 0);
    const turn = fragments.slice(begins, begins + stream.counts.length);
    const [start, end] = [turn[0]!.startMs.producer, fragments[begins + stream.counts.length]!.startMs.producer];
    // Pictures of the fragment before may have times of this turn.
    return { expected: seenOf(fragments.slice(begins - 1, begins + stream.counts.length), stream).filter(({ at }) => at >= start && at < end), ...(await this.#read(name, { start, end, ...options }, 30_000)) };
  }

  /** Follows a stream live for some time. What is expected are the pictures of all fragments that began to come, whole. */
  async follow(name: string, milliseconds: number, options: Partial<KvsHlsFrameSourceOptions> = {}): Promise<Verdict> {
    const { stream, camera } = this.#at(name);
    const read = await this.#read(name, options, milliseconds);
    const times = read.got.map(({ at }) => at);
    const [from, to] = [Math.min(...times), Math.max(...times)];
    const expected = seenOf(camera.fragments(from - 10_000, to + 10_000, "producer"), stream);
    const placeOf = (seen: Seen | undefined): number => expected.findIndex(({ hash, at }) => hash === seen?.hash && at === seen.at);
    const [first, last] = [placeOf(read.got[0]), placeOf(read.got.at(-1))];
    // Times need not be in order, so that one in between may belong to a picture that was still to come.
    if (first !== -1 && last !== -1) return { ...read, expected: expected.slice(first, last + 1) };
    return { ...read, expected: expected.filter(({ at }) => at >= from && at <= to) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.emulator.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  #at(name: string) {
    const [stream, camera] = [this.streams.get(name), this.emulator.cameras.get(name)];
    if (stream === undefined || camera === undefined) throw new Error(`cannot play ${name}: there is no such stream`);
    return { stream, camera };
  }

  async #read(name: string, options: Partial<KvsHlsFrameSourceOptions>, milliseconds: number): Promise<Omit<Verdict, "expected">> {
    const got: Seen[] = [];
    const gaps: Extract<SourceEvent, { type: "gap" }>[] = [];
    const complaints = new Set<string>();
    let error: string | undefined;
    const onEvent = (event: SourceEvent): void => {
      if (event.type === "gap") gaps.push(event);
      if (event.type === "readError") complaints.add(event.error.message);
    };
    const signal = AbortSignal.timeout(milliseconds);
    const credentials = { accessKeyId: "a", secretAccessKey: "b" };
    const isInProcess = (options.decoder ?? process.env.DECODER) === "node-av";
    const decoder = isInProcess ? ({ decoder: "node-av" } as const) : { ffmpegPath: FFMPEG };
    try {
      await using source = new KvsHlsFrameSource({ endpointUrl: this.emulator.url, streamName: name, region: "us-east-1", credentials, timeout: 8, pixelFormat: PIXEL_FORMAT, signal, onEvent, ...decoder, ...options });
      for await (const { data, capturedAt } of source) got.push({ hash: createHash("md5").update(data).digest("hex"), at: capturedAt });
    } catch (cause) {
      const isOver = signal.aborted && options.end === undefined;
      if (!isOver) error = String(cause);
    }
    return { got, gaps, error, complaints: [...complaints] };
  }
}

/** What some fragments show, in output order: turn by turn, and in each by the ranks of the pictures. */
function seenOf(fragments: readonly FragmentTruth[], { counts, shown }: OddStream): Seen[] {
  let counter = 0;
  const places = new Map(counts.map((count, at) => [(counter += count) - count, at]));
  let turn = 0;
  const all = fragments.flatMap(({ startMs, frames }) => {
    const place = places.get(frames[0]?.counter ?? -1);
    if (place === 0) turn += 1;
    return place === undefined ? [] : shown[place]!.map(({ hash, rank, ms }) => ({ hash, order: turn * 10_000 + rank, at: Math.round(startMs.producer + ms) }));
  });
  return all.sort((a, b) => a.order - b.order);
}

export interface Judgement {
  readonly missing: number;
  /** What is wrong, each as a sentence; none: nothing. */
  readonly faults: readonly string[];
}

/** Judges a pull: each picture at most once, in order, with its time, none that is not expected, and of what is missing something is told. */
export function judge({ expected, got, gaps, error, complaints }: Verdict, { mayLose = 0, isSampled = false } = {}): Judgement {
  const faults: string[] = [];
  const places = new Map(expected.map(({ hash }, at) => [hash, at]));
  let last = -1;
  for (const [at, { hash, at: time }] of got.entries()) {
    const place = nextPlace(expected, { hash, at: time }, last) ?? places.get(hash);
    if (place === undefined) faults.push(`picture ${at} of ${got.length} was never sent`);
    else if (place <= last) faults.push(`picture ${at} is number ${place}, after number ${last}`);
    else {
      last = place;
      const wanted = expected[place]!.at;
      if (time !== wanted) faults.push(`picture ${place} has a time that is ${time - wanted} ms off`);
    }
  }
  const missing = isSampled ? 0 : expected.length - got.length;
  if (missing > mayLose) faults.push(`${missing} of ${expected.length} pictures are missing, ${mayLose} may be`);
  if (missing > 0 && gaps.length === 0 && error === undefined) faults.push(`${missing} pictures are missing, and nothing reports them`);
  if (missing === 0 && mayLose === 0 && !isSampled && gaps.length > 0) faults.push(`nothing is missing, and ${gaps.length} gaps are told`);
  if (error !== undefined && missing <= mayLose && missing < expected.length) faults.push(`it ended with ${error}`);
  if (error !== undefined && /abort|timeout/i.test(error)) faults.push(`it hung: ${error}`);
  if (faults.length > 0) faults.push(...complaints.slice(0, 3).map((each) => `(told: ${each})`));
  return { missing, faults };
}

/** Looks ahead first, and at the time, since pictures may look alike. */
function nextPlace(expected: readonly Seen[], { hash, at: time }: Seen, last: number): number | undefined {
  const alike = expected.flatMap((each, place) => (place > last && each.hash === hash ? [place] : []));
  return alike.find((place) => expected[place]?.at === time) ?? alike[0];
}
