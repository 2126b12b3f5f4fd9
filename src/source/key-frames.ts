import type { DecoderError } from "../core/errors.js";
import type { DecoderOutput } from "../decoder/args.js";
import { isFailure } from "../decoder/run.js";
import type { DecoderSetup } from "../core/picture.js";
import type { AttemptOptions } from "./attempt-options.js";
import type { FrameFacts } from "./facts.js";
import type { Decodable, FragmentPictures, KeySample } from "./fragment-pictures.js";

export interface KeyFrameOptions extends Pick<AttemptOptions, "ffmpeg" | "options" | "decoders" | "controller" | "emit"> {
  readonly setup: DecoderSetup;
  readonly output: DecoderOutput;
  readonly pictures: FragmentPictures;
  readonly onStart: () => void;
  /** It cannot be decoded, also when it is fetched once more. */
  readonly onLost: (lost: FrameFacts, error: DecoderError) => void;
}

/** Decodes the key frames of fragments, each by itself, by a decoder that may serve other sources too. */
export async function* keyFrames(pieces: AsyncIterable<Decodable>, of: KeyFrameOptions): AsyncGenerator<{ data: Buffer; value: FrameFacts }> {
  for await (const piece of pieces) {
    if (!piece.areKeys) continue;
    const data = await decodeKey(piece.key, of);
    if (data) yield { data, value: piece.key.facts };
  }
}

async function decodeKey(key: KeySample, of: KeyFrameOptions): Promise<Buffer | undefined> {
  try {
    return await decodeOnce(key, of);
  } catch (error) {
    if (!isFailure(error)) throw error;
    of.emit({ type: "readError", error });
    const renewed = await of.pictures.renewKey(key);
    const data = renewed && (await unlessFailed(decodeOnce(renewed, of)));
    if (data === undefined) of.onLost(key.facts, error);
    return data;
  }
}

function decodeOnce({ picture }: KeySample, { ffmpeg, setup, output, options, decoders, controller, onStart }: KeyFrameOptions): Promise<Buffer> {
  return decoders.decode({ ffmpeg, init: setup, output, picture, stallMs: options.timeout * 1000, onStart }, controller.signal);
}

async function unlessFailed(decoding: Promise<Buffer>): Promise<Buffer | undefined> {
  try {
    return await decoding;
  } catch (error) {
    if (isFailure(error)) return undefined;
    throw error;
  }
}
