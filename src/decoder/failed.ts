import { DecoderError } from "../core/errors.js";

/** An ffmpeg has died, or given what was not asked for; another may do better. */
export const failed = (what: string): DecoderError => new DecoderError(`ffmpeg ${what}`, { code: "FFMPEG_FAILED", retryable: true });
