import type { DecoderError } from "../core/errors.js";
import type { CodedPictures } from "../core/picture.js";
import { Intake } from "./intake.js";
import { Ledger, mostHeldBack } from "./ledger.js";
import { isFailure, run, type Decoded } from "./run.js";
import { salvage, type SalvageOptions } from "./salvage.js";

export type { Decoded } from "./run.js";

/** The controller is aborted by the decoder itself to release its input when its consumer leaves, not when an ffmpeg fails. */
export interface DecodeOptions<T> extends SalvageOptions<T> {
  /** The ffmpeg has died, stalled or given rubbish; what it held is now decoded anew. Not called for those that do that. */
  readonly onFailed?: (error: DecoderError) => void;
}

/** An ffmpeg that never gave a picture and gives none of so many fragments is broken, rather than they. */
const FRAGMENTS_IN_A_ROW = 3;

/**
 * Decodes with one ffmpeg for as long as it works. When it fails, each fragment that it held is decoded alone, by an ffmpeg
 * of its own, so that a broken one costs its own pictures only; then a new one goes on. What went in before the input failed
 * still comes out before the failure does.
 * @throws DecoderError FFMPEG_FAILED or FFMPEG_STALLED when no ffmpeg gives anything.
 */
export async function* decode<T>(input: AsyncIterable<CodedPictures<T>>, options: DecodeOptions<T>): AsyncGenerator<Decoded<T>> {
  const intake = new Intake(input);
  let isDone = false;
  try {
    yield* decodeAll(intake, options);
    isDone = true;
  } finally {
    // The order matters: the input must be released before it can be waited for.
    if (!isDone) options.controller.abort();
    await intake.close();
  }
}

/** Some of these pictures would come out wrong of a decoder that begins with them: it must not write them anywhere. */
const leans = ({ leaning, first }: CodedPictures<unknown>): boolean => [...leaning.values()].some((from) => from < first);

async function* decodeAll<T>(intake: Intake<CodedPictures<T>>, options: DecodeOptions<T>): AsyncGenerator<Decoded<T>> {
  let hasGiven = false;
  let fruitless = 0;
  // Nothing is started before there is something to decode: an ffmpeg that was killed while the camera is silent can wait.
  for (let next = await intake.peek(); !next.done; next = await intake.peek()) {
    options.controller.signal.throwIfAborted();
    const ledger = new Ledger<T>(options.heldBack ?? mostHeldBack(options.output.threads));
    try {
      for await (const picture of run(intake, ledger, { ...options, pixelsTo: leans(next.value) ? undefined : options.pixelsTo })) {
        hasGiven = true;
        yield picture;
      }
    } catch (error) {
      if (!isFailure(error)) throw error;
      options.onFailed?.(error);
      for (const pictures of ledger.inFlight) {
        for await (const picture of salvage(pictures, options)) {
          hasGiven = true;
          yield picture;
        }
        fruitless += 1;
        if (!hasGiven && fruitless >= FRAGMENTS_IN_A_ROW) throw error;
      }
    }
  }
  options.controller.signal.throwIfAborted();
}
