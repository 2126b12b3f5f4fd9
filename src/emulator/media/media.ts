import { makeClip, type Clip, type TimedSample } from "./clip.js";
import { byteLength } from "./fragment.js";
import { encodeFile } from "./file.js";
import { readFolder } from "../folder/folder.js";
import type { Ffmpeg } from "./ffmpeg.js";
import type { FileSource, FolderSource, TestSource } from "./sources.js";
import { encodeTestSource } from "./testsrc.js";
import type { Track } from "./track.js";

/** What ffmpeg made of a source. */
export interface EncodedTracks {
  /** One after another in time: more than one where the picture size changes. */
  readonly video: readonly Track[];
  readonly audio: Track | undefined;
}

export interface AudioMedia {
  readonly track: Track;
  /** The sound of each of the clip's fragments. */
  readonly fragments: readonly (readonly TimedSample[])[];
}

/** A camera's loop, encoded and cut into fragments: all that is served, apart from its place in time. */
export interface Media {
  readonly tracks: readonly Track[];
  readonly clip: Clip;
  readonly audio: AudioMedia | undefined;
}

const MIN_FILE_FRAGMENT_SECONDS = 1;

/**
 * Encodes a source once, or reads a folder as it is; the result may serve any number of cameras.
 * @throws FolderError, a RangeError, saying what a folder lacks
 */
export async function encodeMedia(ffmpeg: Ffmpeg, source: TestSource | FileSource | FolderSource): Promise<Media> {
  if (source.kind === "folder") return readFolder(source);
  const { video, audio } = source.kind === "file" ? await encodeFile(ffmpeg, source) : await encodeTestSource(ffmpeg, source);
  const minSeconds = source.kind === "file" ? (source.fragmentSeconds ?? MIN_FILE_FRAGMENT_SECONDS) : 0;
  const clip = makeClip(video, minSeconds);
  return { tracks: video, clip, audio: audio && cutAudio(audio, clip) };
}

/** Gives each fragment the sound that starts in it. Sound that ends before the picture does is left out altogether. */
function cutAudio(track: Track, clip: Clip): AudioMedia | undefined {
  const times = track.samples.map(({ pts }) => pts);
  const frame = (times[1] ?? 0) - (times[0] ?? 0);
  const samples = track.samples.map((sample, i) => ({ ...sample, dts: sample.pts, duration: (times[i + 1] ?? sample.pts + frame) - sample.pts }));
  let next = 0;
  const fragments = clip.fragments.map(({ end }) => {
    const from = next;
    while ((times[next] ?? Infinity) / track.timescale < end / clip.timescale) next++;
    return samples.slice(from, next);
  });
  return fragments.every((group) => group.length > 0) ? { track, fragments } : undefined;
}

/** Bytes of media in one of the clip's fragments, all tracks together; of one served as it is, all its bytes. */
export function fragmentBytes({ clip, audio }: Media, clipIndex: number): number {
  const { bytes, samples = [] } = clip.fragments[clipIndex] ?? {};
  return bytes?.length ?? byteLength(samples) + byteLength(audio?.fragments[clipIndex] ?? []);
}
