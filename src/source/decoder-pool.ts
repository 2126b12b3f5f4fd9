import { OptionError } from "../core/errors.js";
import { unlessAborted } from "../core/unless-aborted.js";
import { FramePool } from "../decoder/frame-pool.js";
import { locateFfmpeg, type Ffmpeg } from "../decoder/locate.js";
import { environment } from "./environment.js";
import { KeyDecoder, type KeyRequest } from "./key-decoder.js";

/**
 * Decodes key pictures for any number of sources: one ffmpeg for each distinct codec configuration and output, however many cameras
 * have it. Twenty cameras of one model at a key picture each take one ffmpeg instead of twenty.
 *
 * ```ts
 * await using decoders = new DecoderPool();
 * const sources = names.map((streamName) => new KvsHlsFrameSource({ streamName, targetFps: 0.5, decoders }));
 * ```
 *
 * An ffmpeg starts with the first picture for it and ends with the pool, so end the sources first.
 */
export class DecoderPool implements AsyncDisposable {
  readonly #decoders = new Map<string, KeyDecoder>();
  /** Decoders of a single key frame each, and for which configurations there were such. */
  readonly #single = new Set<KeyDecoder>();
  readonly #started = new Set<string>();
  readonly #located = new Map<string, Promise<Ffmpeg>>();
  readonly #pool = new FramePool();

  /** @throws OptionError */
  static of(given: AsyncDisposable): DecoderPool {
    if (given instanceof DecoderPool) return given;
    throw new OptionError("decoders must be a DecoderPool", "decoders");
  }

  /**
   * Decodes one key picture.
   * @returns its pixels, as {@link Frame.data} has them
   * @throws DecoderError, or the signal's reason
   * @internal
   */
  async decode(request: KeyRequest, signal: AbortSignal): Promise<Buffer> {
    signal.throwIfAborted();
    const decoding = goesOn(request) ? this.#decoderFor(request).decode(request) : this.#decodeAlone(request);
    try {
      return await unlessAborted(decoding, signal);
    } finally {
      if (signal.aborted) void decoding.then((data) => this.release(data), () => undefined);
    }
  }

  /**
   * The ffmpeg of that path, looked for once for all sources.
   * @throws DecoderError FFMPEG_NOT_FOUND, or the signal's reason
   * @internal
   */
  locate(given: string | undefined, signal: AbortSignal): Promise<Ffmpeg> {
    const key = given ?? "";
    let located = this.#located.get(key);
    if (located === undefined) {
      located = locateFfmpeg(given, environment());
      located.catch(() => this.#located.delete(key));
      this.#located.set(key, located);
    }
    return unlessAborted(located, signal);
  }

  /** @internal */
  release(data: Buffer): void {
    this.#pool.give(data);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const decoders = [...this.#decoders.values(), ...this.#single];
    this.#decoders.clear();
    this.#located.clear();
    await Promise.all(decoders.map((decoder) => decoder.close()));
  }

  /** Decodes with a separate decoder, which ends afterwards. */
  async #decodeAlone(request: KeyRequest): Promise<Buffer> {
    const key = KeyDecoder.keyOf(request);
    const isKnown = this.#started.has(key);
    this.#started.add(key);
    // One for each frame is no restart of anything.
    const once = isKnown ? { ...request, onStart: () => undefined } : request;
    const decoder = new KeyDecoder(once, this.#pool, () => this.#single.delete(decoder));
    this.#single.add(decoder);
    const decoding = decoder.decode(request);
    decoder.end();
    return decoding;
  }

  #decoderFor(request: KeyRequest): KeyDecoder {
    const key = KeyDecoder.keyOf(request);
    let decoder = this.#decoders.get(key);
    if (decoder === undefined) {
      decoder = new KeyDecoder(request, this.#pool, () => {
        if (this.#decoders.get(key) === decoder) this.#decoders.delete(key);
      });
      this.#decoders.set(key, decoder);
    }
    return decoder;
  }
}

/**
 * Whether a decoder takes a key frame after any other. A decoder of H.264 takes one that is no IDR picture for a part of the sequence
 * before, in which it has no place.
 */
const goesOn = ({ init, picture }: KeyRequest): boolean => init.codec === "h265" || picture.kind.isReset;
