import { FrameSourceError, KVSConnectionError } from "../core/errors.js";
import type { KvsApi } from "./api.js";

/**
 * "There is no such stream" and "it has nothing to play" are one and the same error code of the service.
 * @param whenEmpty what to say when the stream exists
 * @returns NO_MEDIA where the stream exists, else the error as it was
 */
export async function explainAbsence(error: unknown, api: KvsApi, whenEmpty: string, signal: AbortSignal): Promise<unknown> {
  if (!(error instanceof FrameSourceError) || error.code !== "STREAM_NOT_FOUND") return error;
  const noMedia = new KVSConnectionError(whenEmpty, { code: "NO_MEDIA", retryable: true, cause: error.cause });
  try {
    await api.describeStream(signal);
    return noMedia;
  } catch (describeError) {
    signal.throwIfAborted();
    const isGone = describeError instanceof FrameSourceError && describeError.code === "STREAM_NOT_FOUND";
    if (isGone) return error;
    // Not allowed to ask: the words of the first answer must do.
    return /no fragments found/i.test(error.message) ? noMedia : error;
  }
}
