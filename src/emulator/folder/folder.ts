import type { Clip, ClipFragment, Picture } from "../media/clip.js";
import type { Media } from "../media/media.js";
import type { FolderSource } from "../media/sources.js";
import type { Track } from "../media/track.js";
import { readFragments, type FolderFragment } from "./files.js";
import { readInit, type InitFacts } from "./init.js";
import { paceOf, tableMs, type Pace, type Timed } from "./pace.js";
import { readTables } from "./samples.js";

/** Milliseconds, with fractions: each init segment has its own timescale. */
const TIMESCALE = 1000;

/**
 * Makes a camera's loop of a folder's fragments, byte for byte as they are.
 * @throws FolderError saying what the folder lacks
 */
export async function readFolder({ path }: FolderSource): Promise<Media> {
  const fragments = await readFragments(path);
  const inits = distinct(fragments.map(({ init }) => init));
  const facts = inits.map(readInit);
  const tracks = inits.map((init, part) => trackOf(init, facts[part] as InitFacts));
  return { tracks, clip: makeClip(fragments, inits, facts), audio: undefined };
}

/** Keeps one of those with the same bytes, in the order of their first appearance. */
function distinct(inits: readonly Buffer[]): Buffer[] {
  const kept: Buffer[] = [];
  for (const init of new Set(inits)) if (!kept.some((each) => each.equals(init))) kept.push(init);
  return kept;
}

const trackOf = (init: Buffer, { timescale, codec, width, height }: InitFacts): Track => ({
  init,
  timescale: timescale ?? TIMESCALE,
  codec,
  width,
  height,
  samples: [],
});

type Placed = Omit<FolderFragment, "init"> & Timed;

function makeClip(
  fragments: readonly FolderFragment[],
  inits: readonly Buffer[],
  facts: readonly InitFacts[],
): Clip {
  const placed = fragments.map((fragment): Placed => {
    const part = inits.findIndex((init) => init.equals(fragment.init));
    const init = facts[part] as InitFacts;
    return { ...fragment, init, part, tables: readTables(fragment.bytes, init) };
  });
  return layOut(placed);
}

/** Lays the fragments one after another in time. */
function layOut(placed: readonly Placed[]): Clip {
  let [start, counter] = [0, 0];
  const fragments = placed.map((fragment, i): ClipFragment => {
    const pace = paceOf(fragment, placed[i + 1]);
    const clip = clipFragment(fragment, pace, { start, counter, isSeam: i === 0 });
    start += pace.advance;
    counter += clip.pictures.length;
    return clip;
  });
  return { timescale: TIMESCALE, duration: start, fragments };
}

interface Place {
  readonly start: number;
  /** Pictures before it. */
  readonly counter: number;
  /** Decode times jump back to it when the loop starts again. */
  readonly isSeam: boolean;
}

function clipFragment(fragment: Placed, { duration, advance }: Pace, place: Place): ClipFragment {
  const { start } = place;
  const pictures = picturesOf(fragment, place);
  const last = pictures.at(-1)?.pts ?? start + duration;
  return {
    part: fragment.part,
    samples: [],
    pictures,
    start,
    end: start + duration,
    length: Math.min(last - start, advance), // what begins later is not ingested earlier
    bytes: fragment.bytes,
    isDiscontinuous: place.isSeam || fragment.isDiscontinuous === true,
  };
}

/** Places the samples by their tables, and none where those cannot be believed. */
function picturesOf(fragment: Placed, { start, counter }: Place): Picture[] {
  if (tableMs(fragment) === undefined) return [];
  const sorted = [...(fragment.tables?.samples ?? [])].sort((a, b) => a.pts - b.pts);
  const first = sorted[0]?.pts ?? 0;
  const ticks = fragment.init.timescale ?? TIMESCALE;
  return sorted.map(({ pts, keyframe }, i) => {
    return { counter: counter + i, pts: start + ((pts - first) * TIMESCALE) / ticks, keyframe };
  });
}
