import { frameBytes, type Frame } from "../../core/frame.js";
import type { ResumePoint } from "../../core/option-types.js";
import { ByteStream } from "../../sinks/byte-stream.js";
import { Checkpoint } from "../../sinks/checkpoint.js";
import { DirectorySink } from "../../sinks/directory.js";
import { createEncoder, type Encoder } from "../../sinks/encoder.js";
import { FileStream } from "../../sinks/file-stream.js";
import { frameRecord, ndjson } from "../../sinks/manifest.js";
import type { OutputStream } from "../context.js";
import type { ImagePlan, PullPlan } from "./plan.js";

/** Where images go. */
interface Images {
  readonly encode: Encoder;
  readonly isRaw: boolean;
  /** undefined: to a stream, one after the other. */
  readonly directory: DirectorySink | undefined;
  readonly stream: ByteStream | undefined;
  /** Each image in the stream comes behind its record. */
  readonly isFramed: boolean;
}

type RecordStream = Pick<ByteStream, "write">;

export interface OutputListener {
  wrote(frame: Frame, bytes: number, writtenAt: number): void;
  failed(error: unknown): void;
  /** The manifest goes on in the old file. */
  couldNotReopen(error: unknown): void;
}

/** Images and records, written in the order in which they were handed in; encoding runs ahead. */
export class PullOutput {
  readonly #cameraId: string;
  readonly #images: Images | undefined;
  readonly #manifest: RecordStream | undefined;
  /** All that take the records of events: the manifest, and a framed stream. */
  readonly #records: readonly RecordStream[];
  readonly #checkpoint: Checkpoint | undefined;
  readonly #listener: OutputListener;
  #tail: Promise<void> = Promise.resolve();
  #seq: number;

  private constructor(plan: PullPlan, images: Images | undefined, manifest: RecordStream | undefined, checkpoint: Checkpoint | undefined, listener: OutputListener) {
    this.#cameraId = plan.cameraId;
    this.#images = images;
    this.#manifest = manifest;
    this.#records = [images?.isFramed ? images.stream : undefined, manifest].filter((stream) => stream !== undefined);
    this.#checkpoint = checkpoint;
    this.#seq = checkpoint?.resumption?.seq ?? 0;
    this.#listener = listener;
  }

  /** The frame that an earlier run wrote last. */
  get resumeAfter(): ResumePoint | undefined {
    return this.#checkpoint?.resumption?.after;
  }

  /** Opens everything that is written to, so that a place that cannot work is known before the stream is. */
  static async open(plan: PullPlan, stdout: OutputStream, listener: OutputListener): Promise<PullOutput> {
    const images = plan.images && (await openImages(plan.images, stdout));
    const manifest = plan.manifest && (plan.manifest === "stdout" ? new ByteStream(stdout, { name: "stdout", flag: "--manifest" }) : await FileStream.open(plan.manifest.file, "--manifest"));
    const checkpoint = plan.resume === undefined ? undefined : await Checkpoint.open(plan.resume, { camera: plan.cameraId, clock: plan.clock });
    return new PullOutput(plan, images, manifest, checkpoint, listener);
  }

  /** Resolves once the frame and all before it are written. */
  write(frame: Frame): Promise<void> {
    const named = { frame, seq: this.#seq++ };
    const encoding = this.#images?.encode(frame);
    encoding?.catch(() => undefined); // met below, when its turn comes
    return this.#inTurn(async () => {
      const image = await encoding;
      const isThere = image !== undefined && image.length === 0; // ffmpeg wrote it
      const path = (image && (await this.#images?.directory?.write(named, image))) ?? null;
      const bytes = isThere ? frameBytes(frame.pixelFormat, frame.width, frame.height) : (image?.length ?? 0);
      const writtenAt = Date.now();
      const record = ndjson(frameRecord({ ...named, cameraId: this.#cameraId, path, bytes, writtenAt, isRaw: this.#images?.isRaw ?? false }));
      // At once: a run that is killed between the two writes the record again when it goes on.
      await this.#send(record, image, () => this.#checkpoint?.save(frame, named.seq));
      this.#listener.wrote(frame, bytes, writtenAt);
    });
  }

  /** Record and image go to their streams at the same time: a reader of both may take either first. */
  async #send(record: string, image: Uint8Array | undefined, onAccepted: () => void): Promise<void> {
    const { stream, isFramed } = this.#images ?? {};
    const sendings: ((accept: () => void) => Promise<void>)[] = [];
    if (stream && image && isFramed) sendings.push((accept) => stream.write(record).then(() => stream.write(image, accept)));
    else if (stream && image && image.length > 0) sendings.push((accept) => stream.write(image, accept));
    const manifest = this.#manifest;
    if (manifest) sendings.push((accept) => manifest.write(record, accept));
    let left = sendings.length;
    const accept = (): void => {
      left -= 1;
      if (left === 0) onAccepted();
    };
    if (left === 0) onAccepted();
    await Promise.all(sendings.map((send) => send(accept)));
  }

  record(record: object): void {
    void this.#inTurn(async () => this.#record(ndjson(record)));
  }

  async #record(line: string): Promise<void> {
    await Promise.all(this.#records.map((stream) => stream.write(line)));
  }

  /** Opens the manifest's file again, for log rotation. */
  reopen(): void {
    const manifest = this.#manifest;
    if (!(manifest instanceof FileStream)) return;
    void this.#inTurn(() => manifest.reopen().catch((error: unknown) => this.#listener.couldNotReopen(error)));
  }

  /** Waits for what is in hand; a failure of it has been told already. */
  async settle(): Promise<void> {
    await this.#tail.catch(() => undefined);
  }

  /** Writes the last record and closes what is ours. */
  async finish(summary: object): Promise<void> {
    await this.#checkpoint?.close();
    await this.#record(ndjson(summary));
    if (this.#manifest instanceof FileStream) await this.#manifest.close();
  }

  /** After the first failure nothing more is written: what is there stays without a hole. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#tail.then(work);
    done.catch((error: unknown) => this.#listener.failed(error));
    this.#tail = done;
    return done;
  }
}

async function openImages({ format, quality, fps, files, isFramed }: ImagePlan, stdout: OutputStream): Promise<Images> {
  const encode = await createEncoder(format, { ...(quality !== undefined && { quality }), exif: true, fps, isStream: files === undefined && !isFramed });
  const directory = files && new DirectorySink(files);
  await directory?.prepare();
  const stream = files === undefined ? new ByteStream(stdout, { name: "stdout", flag: "--out" }) : undefined;
  return { encode, isRaw: format === "raw", directory, stream, isFramed };
}
