import { HLSStreamError, type FrameSourceError } from "../core/errors.js";
import type { FrameFacts } from "./facts.js";

/** Returns why no frame comes of a fragment whose pictures reference what is not there. */
export const unreferenced = (lost: readonly FrameFacts[]): HLSStreamError =>
  new HLSStreamError(`cannot decode ${lost.length} pictures of a fragment: what they reference was not sent, or could not be read`, { code: "MALFORMED_MEDIA" });

/** Returns why a range gives no frame although media are stored there. */
export const undecodable = (cause: FrameSourceError): HLSStreamError =>
  new HLSStreamError(`cannot decode any stored picture of the range; first reason: ${cause.message}`, { code: "MALFORMED_MEDIA", cause });
