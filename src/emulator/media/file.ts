import { AAC, MP4_AUDIO_OUTPUT, MP4_OUTPUT, videoEncoder } from "./encode.js";
import { isSelfContained, makeClip } from "./clip.js";
import { runFfmpeg, type Ffmpeg } from "./ffmpeg.js";
import type { EncodedTracks } from "./media.js";
import type { FileSource } from "./sources.js";
import { readTrack, type Track } from "./track.js";

const COPY_VIDEO = ["-c:v", "copy"];
/** Producers close a fragment after ten seconds at the latest. */
const MAX_FRAGMENT_SECONDS = 10;
const TRANSCODED_GROUP = 60;
/** A fine time base keeps each picture's time, whatever the file's frame rate claims. */
const TRANSCODE_VIDEO = [
  "-fps_mode", "passthrough", "-enc_time_base", "1/90000", "-pix_fmt", "yuv420p", ...videoEncoder("h264", TRANSCODED_GROUP, 0),
];

/** Encodes a recording: as it is where that makes good fragments, else anew. */
export async function encodeFile(ffmpeg: Ffmpeg, source: FileSource): Promise<EncodedTracks> {
  const codecs = await probeCodecs(ffmpeg, source.path);
  if (codecs.video === undefined) throw new Error(`cannot play ${source.path}: expected a video track, got none`);
  const copied = /^(h264|hevc)$/.test(codecs.video) ? await encodeVideo(ffmpeg, source, COPY_VIDEO) : undefined;
  const video = copied && makesGoodFragments(copied, source.fragmentSeconds) ? copied : await encodeVideo(ffmpeg, source, TRANSCODE_VIDEO);
  const audio = codecs.audio === undefined || source.audio === false ? undefined : await encodeAudio(ffmpeg, source, codecs.audio);
  return { video: [video], audio };
}

/** The checksum muxer's header names the codecs, and reads one frame only. */
async function probeCodecs(ffmpeg: Ffmpeg, path: string): Promise<{ video?: string | undefined; audio?: string | undefined }> {
  const probe = ["-i", path, "-map", "0:v:0?", "-map", "0:a:0?", "-c", "copy", "-frames:v", "1", "-frames:a", "1", "-f", "framecrc"];
  const header = (await runFfmpeg(ffmpeg, probe)).toString();
  const codecOf = (type: string) => {
    const stream = new RegExp(`^#media_type (\\d): ${type}$`, "m").exec(header)?.[1];
    return new RegExp(`^#codec_id ${stream ?? "-"}: (\\w+)$`, "m").exec(header)?.[1];
  };
  return { video: codecOf("video"), audio: codecOf("audio") };
}

async function encodeVideo(ffmpeg: Ffmpeg, { path }: FileSource, encoder: readonly string[]): Promise<Track> {
  return readTrack(await runFfmpeg(ffmpeg, ["-i", path, "-map", "0:v:0", ...encoder, ...MP4_OUTPUT]));
}

async function encodeAudio(ffmpeg: Ffmpeg, { path }: FileSource, codec: string): Promise<Track> {
  const encoder = codec === "aac" ? ["-c:a", "copy"] : AAC;
  return readTrack(await runFfmpeg(ffmpeg, ["-i", path, "-map", "0:a:0", ...encoder, ...MP4_AUDIO_OUTPUT]));
}


function makesGoodFragments(track: Track, fragmentSeconds?: number): boolean {
  const clip = makeClip([track], fragmentSeconds);
  return isSelfContained(clip) && clip.fragments.every(({ start, end }) => (end - start) / clip.timescale <= MAX_FRAGMENT_SECONDS);
}
