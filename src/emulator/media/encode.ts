import type { Size } from "./sources.js";

const BASE = "+frag_keyframe+empty_moov+default_base_moof";
export const AUDIO_TRACK_ID = 2;

/** Fragmented MP4 without edit lists, on standard output. */
export const MP4_OUTPUT = ["-movflags", BASE, "-f", "mp4"];
/** As MP4_OUTPUT; in the stream's numbering, sound is track 2. */
export const MP4_AUDIO_OUTPUT = ["-use_stream_ids_as_track_ids", "1", "-streamid", `0:${AUDIO_TRACK_ID}`, ...MP4_OUTPUT];
export const AAC = ["-c:a", "aac", "-b:a", "64k"];

/** Closed groups of pictures, key frames only where the group length puts them. */
export function videoEncoder(codec: "h264" | "h265", groupLength: number, bframes: number): string[] {
  const gop = `keyint=${groupLength}:min-keyint=${groupLength}:scenecut=0:open-gop=0:bframes=${bframes}:b-adapt=0`;
  return codec === "h264"
    ? ["-c:v", "libx264", "-preset", "ultrafast", "-x264-params", gop]
    : ["-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-x265-params", `${gop}:log-level=error`];
}

/** Tags that say what the pixels are. */
export function colourTags(matrix: "bt709" | "bt601"): string[] {
  const name = matrix === "bt709" ? "bt709" : "smpte170m";
  return ["-color_range", "tv", "-colorspace", name, "-color_primaries", name, "-color_trc", name];
}

export const sizeText = ({ width, height }: Size): string => `${width}x${height}`;
