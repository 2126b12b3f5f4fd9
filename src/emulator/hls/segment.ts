import type { Clock, Fragment } from "../camera/timeline.js";
import type { TimedSample } from "../media/clip.js";
import { writeFragment } from "../media/fragment.js";
import type { Media } from "../media/media.js";

/** Where a fragment's decode times count from: the Unix epoch, or the session's first fragment. */
export type TimeBase = { readonly epoch: true } | { readonly epoch: false; readonly first: Fragment };

interface TrackMedia {
  readonly timescale: number;
  readonly samples: readonly TimedSample[];
  /** From the fragment's first picture to the first sample's decoding, in seconds. */
  readonly leadSeconds: number;
}

/**
 * A fragment's moof and mdat for one track, placed in time so that the first picture shown has the fragment's own time,
 * PROGRAM-DATE-TIME. Where B-frames make decoding run ahead of showing, tfdt is that much earlier; no edit list, no
 * negative offset. One that is to be served as it is stays as it is, its tfdt too.
 */
export function writeSegment(media: Media, track: number, fragment: Fragment, clock: Clock, base: TimeBase): Buffer | undefined {
  if (fragment.clip.bytes) return fragment.clip.bytes;
  const content = trackMedia(media, track, fragment);
  if (content === undefined) return undefined;
  const { timescale, samples, leadSeconds } = content;
  const start = epochTicks(fragment, clock, leadSeconds, timescale);
  const origin = base.epoch ? 0 : epochTicks(base.first, clock, trackMedia(media, 1, base.first)?.leadSeconds ?? 0, timescale);
  return writeFragment({ trackId: track, sequenceNumber: fragment.index + 1, baseMediaDecodeTime: start - origin }, samples);
}

function trackMedia({ clip, audio }: Media, track: number, fragment: Fragment): TrackMedia | undefined {
  const { samples, start } = fragment.clip;
  const videoStart = start / clip.timescale;
  if (track === 1) return { timescale: clip.timescale, samples, leadSeconds: ((samples[0]?.dts ?? start) - start) / clip.timescale };
  const sound = track === 2 ? audio?.fragments[fragment.clipIndex] : undefined;
  if (audio === undefined || sound?.[0] === undefined) return undefined;
  const { timescale } = audio.track;
  return { timescale, samples: sound, leadSeconds: sound[0].dts / timescale - videoStart };
}

/** Whole seconds apart, since an epoch in milliseconds times a timescale is too large for exact arithmetic. */
function epochTicks({ exactMs }: Fragment, clock: Clock, leadSeconds: number, timescale: number): number {
  const seconds = Math.floor(exactMs[clock] / 1000);
  const rest = exactMs[clock] / 1000 - seconds;
  return seconds * timescale + Math.round((rest + leadSeconds) * timescale);
}
