import { readSync, writeSync } from "node:fs";
import { constants, open, type FileHandle } from "node:fs/promises";
import * as v from "valibot";
import { OptionError } from "../core/errors.js";
import type { Clock, Frame } from "../core/frame.js";
import type { ResumePoint } from "../core/option-types.js";
import { outputError } from "./output-error.js";

/** The last frame that was written: enough to go on after it. */
const LAST_FRAME = v.object({
  type: v.literal("checkpoint"),
  schema: v.literal(1),
  camera: v.string(),
  clock: v.picklist(["producer", "server"]),
  seq: v.pipe(v.number(), v.integer(), v.minValue(0)),
  fragment: v.pipe(v.string(), v.regex(/^\d{1,128}$/)),
  index: v.pipe(v.number(), v.integer(), v.minValue(0)),
  capturedAtMs: v.number(),
  ptsMs: v.number(),
});

export interface Resumption {
  readonly after: ResumePoint;
  /** Number of the next frame. */
  readonly seq: number;
}

const FLAG = "--resume";
/** The longest name of a camera and the longest fragment number fit. */
const RECORD_BYTES = 4096;

/**
 * Keeps the last frame written in a file, for a later run to go on after it. One write of always the same length in place:
 * whenever the process is killed, the file holds the frame before or this one; and a disk that fills up has its place already.
 */
export class Checkpoint {
  private constructor(
    private readonly file: FileHandle,
    private readonly path: string,
    private readonly of: { readonly camera: string; readonly clock: Clock },
    /** Where an earlier run stopped; undefined for a new or empty file. */
    readonly resumption: Resumption | undefined,
    /** What the file holds, as long as nobody else writes to it. */
    private held: Buffer,
  ) {}

  /**
   * @throws OptionError when the file is no checkpoint, or one of another camera or clock; OutputError when it cannot be opened
   */
  static async open(path: string, of: { readonly camera: string; readonly clock: Clock }): Promise<Checkpoint> {
    const file = await openOrCreate(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(RECORD_BYTES + 1), 0, RECORD_BYTES + 1, 0);
      const held = buffer.subarray(0, bytesRead);
      return new Checkpoint(file, path, of, bytesRead === 0 ? undefined : readLastFrame(held.toString(), path, of), held);
    } catch (error) {
      await file.close();
      throw error instanceof OptionError ? error : outputError(path, error, FLAG);
    }
  }

  /**
   * Notes a frame as written. Synchronous, so that nothing comes between the record and its checkpoint.
   * @throws OptionError when another run has written to the file; OutputError when it cannot be written
   */
  save({ fragment, index, capturedAt, pts }: Frame, seq: number): void {
    const last: v.InferInput<typeof LAST_FRAME> = { type: "checkpoint", schema: 1, ...this.of, seq, fragment, index, capturedAtMs: capturedAt, ptsMs: pts };
    const record = Buffer.alloc(RECORD_BYTES, " ");
    record.write(JSON.stringify(last));
    record.write("\n", RECORD_BYTES - 1);
    try {
      this.#refuseOthers();
      writeSync(this.file.fd, record, 0, RECORD_BYTES, 0);
      this.held = record;
    } catch (error) {
      throw error instanceof OptionError ? error : outputError(this.path, error, FLAG);
    }
  }

  /** A lock would outlive a run that is killed; what another run writes shows that it is there. */
  #refuseOthers(): void {
    const found = Buffer.alloc(RECORD_BYTES + 1);
    const bytes = readSync(this.file.fd, found, 0, found.length, 0);
    if (found.subarray(0, bytes).equals(this.held)) return;
    throw new OptionError(`resume "${this.path}" is also written by another run; give each run a separate file`, "resume");
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

async function openOrCreate(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDWR | constants.O_CREAT);
  } catch (error) {
    throw outputError(path, error, FLAG);
  }
}

function readLastFrame(text: string, path: string, of: { readonly camera: string; readonly clock: Clock }): Resumption {
  const last = v.safeParse(v.pipe(v.string(), v.parseJson(), LAST_FRAME), text);
  if (!last.success) throw new OptionError(`resume must name a checkpoint file of this program or a file to create, got "${path}", which holds something else`, "resume");
  const { camera, clock, seq, fragment, index, capturedAtMs, ptsMs } = last.output;
  if (camera !== of.camera || clock !== of.clock) {
    throw new OptionError(`resume "${path}" is of camera "${camera}" on the ${clock} clock, wanted "${of.camera}" on the ${of.clock} clock; give each its own file`, "resume");
  }
  return { after: { fragment, index, capturedAt: capturedAtMs, pts: ptsMs }, seq: seq + 1 };
}
