import type { Media } from "../media/media.js";

/** What the service says of a stream; tests may change it at any time. */
export interface StreamDescription {
  status: "CREATING" | "ACTIVE" | "UPDATING" | "DELETING";
  retentionHours: number;
  mediaType: string;
  /** false: the fragments lack their SPS and PPS, and no session can be opened. */
  hasCodecPrivateData: boolean;
  /** false: the caller may not touch the stream. */
  isAuthorized: boolean;
}

const PLAYABLE = /^video\/h26[45](,audio\/aac)?$/;

export const isPlayable = ({ mediaType }: StreamDescription): boolean => PLAYABLE.test(mediaType);

export function mediaTypeOf({ tracks: [video], audio }: Media): string {
  const type = /^(hvc|hev)/.test(video?.codec ?? "") ? "video/h265" : "video/h264";
  return audio ? `${type},audio/aac` : type;
}
