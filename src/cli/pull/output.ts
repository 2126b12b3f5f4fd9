import { frameBytes, type Frame } from "../../core/frame.js";
import type { ResumePoint } from "../../core/options.js";
import { ByteStream } from "../../sinks/byte-stream.js";
import { Checkpoint } from "../../sinks/checkpoint.js";
import { DirectorySink } from "../../sinks/directory.js";
import { createEncoder, type Encoder } from "../../sinks/encoder.js";
import { openFileStream } from "../../sinks/file-stream.js";
import type { NamedFrame } from "../../sinks/filename.js";
import { frameRecord, ndjson } from "../../sinks/manifest.js";
import type { OutputStream } from "../context.js";
import type { ImagePlan, PullPlan } from "./plan.js";

/** Puts an image where it belongs and gives its path, or null where it has none. */
type Place = (named: NamedFrame, image: Uint8Array) => Promise<string | null>;

interface Images {
  readonly encode: Encoder;
  readonly place: Place;
}

export interface OutputListener {
  wrote(frame: Frame, bytes: number, writtenAt: number): void;
  failed(error: unknown): void;
}

/** Images and records, written in the order in which they were handed in; encoding runs ahead. */
export class PullOutput {
  readonly #cameraId: string;
  readonly #images: Images | undefined;
  readonly #manifest: ByteStream | undefined;
  readonly #checkpoint: Checkpoint | undefined;
  readonly #closeManifest: boolean;
  readonly #listener: OutputListener;
  #tail: Promise<void> = Promise.resolve();
  #seq: number;

  private constructor(plan: PullPlan, images: Images | undefined, manifest: ByteStream | undefined, checkpoint: Checkpoint | undefined, listener: OutputListener) {
    this.#cameraId = plan.cameraId;
    this.#images = images;
    this.#manifest = manifest;
    this.#closeManifest = plan.manifest !== "stdout";
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
    const manifest = plan.manifest && (plan.manifest === "stdout" ? new ByteStream(stdout, { name: "stdout", flag: "--manifest" }) : await openFileStream(plan.manifest.file, { flag: "--manifest", isContinued: plan.resume !== undefined }));
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
      const path = (image && !isThere ? await this.#images?.place(named, image) : null) ?? null;
      const bytes = isThere ? frameBytes(frame.pixelFormat, frame.width, frame.height) : (image?.length ?? 0);
      const writtenAt = Date.now();
      // At once: a run that is killed between the two writes the record again when it goes on.
      const save = (): void => this.#checkpoint?.save(frame, named.seq);
      const record = ndjson(frameRecord({ ...named, cameraId: this.#cameraId, path, bytes, writtenAt }));
      if (this.#manifest) await this.#manifest.write(record, save);
      else save();
      this.#listener.wrote(frame, bytes, writtenAt);
    });
  }

  record(record: object): void {
    void this.#inTurn(async () => this.#manifest?.write(ndjson(record)));
  }

  /** Waits for what is in hand; a failure of it has been told already. */
  async settle(): Promise<void> {
    await this.#tail.catch(() => undefined);
  }

  /** Writes the last record and closes what is ours. */
  async finish(summary: object): Promise<void> {
    await this.#checkpoint?.close();
    await this.#manifest?.write(ndjson(summary));
    if (this.#closeManifest) await this.#manifest?.close();
  }

  /** After the first failure nothing more is written: what is there stays without a hole. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#tail.then(work);
    done.catch((error: unknown) => this.#listener.failed(error));
    this.#tail = done;
    return done;
  }
}

async function openImages({ format, quality, files }: ImagePlan, stdout: OutputStream): Promise<Images> {
  return { encode: await createEncoder(format, { quality }), place: files ? await openDirectory(files) : openStream(stdout) };
}

async function openDirectory(files: NonNullable<ImagePlan["files"]>): Promise<Place> {
  const sink = new DirectorySink(files);
  await sink.prepare();
  return (named, image) => sink.write(named, image);
}

function openStream(stdout: OutputStream): Place {
  const stream = new ByteStream(stdout, { name: "stdout", flag: "--out" });
  return async (_named, image) => {
    await stream.write(image);
    return null;
  };
}
