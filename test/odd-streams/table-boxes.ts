import { odd, type Entry } from "./entry.js";
import { box, fullBox, u32, u64, type FragmentOptions } from "./mp4.js";
import { retimed, STEP, type Writing } from "./samples.js";

/** F6: boxes that ffmpeg reads. */
const free = box("free", Buffer.alloc(30, 0x66));
const uuid = box("uuid", Buffer.alloc(16, 0xa5), Buffer.from("some data of a maker"));
const styp = box("styp", Buffer.from("msdh"), u32(0), Buffer.from("msdhmsix"));
const sidx = fullBox("sidx", 0, 0, u32(1, 90_000, 0, 0, 1, 1000, 90_000, 0x90_00_00_00));
const prft = fullBox("prft", 1, 24, u32(1), u64(1), u64(0));
const emsg = fullBox("emsg", 0, 0, Buffer.from("urn:x\0\0"), u32(1000, 0, 0, 1), Buffer.from("hello"));
const unknown = box("zzzz", Buffer.from("what is this"));

const centered = retimed((times) => times.map((time) => time - 4 * STEP));
const BOXES: Readonly<Record<string, Partial<FragmentOptions>>> = {
  "trun of version 0": { version: 0 },
  "no tfdt": { tfdt: "none" },
  "tfdt of version 0": { tfdt: 0 },
  "mdat of 64 bits": { mdat: "large" },
  "mdat of size 0": { mdat: "to the end" },
  "mdat ahead of moof": { isMediaFirst: true },
  "mdat of 64 bits ahead of moof": { isMediaFirst: true, mdat: "large" },
  "a free box ahead": { before: [free] },
  "styp, sidx and prft ahead": { before: [styp, sidx, prft] },
  "emsg and uuid ahead": { before: [emsg, uuid] },
  "free between moof and mdat": { between: [free, unknown] },
  "uuid and free behind": { after: [uuid, free] },
  "unknown boxes in moof": { inMoof: [unknown, uuid] },
  "several trun": { runs: 4 },
  "several trun of a picture each": { runs: 10 },
  "several traf": { trafs: 3 },
  "several traf and trun": { trafs: 2, runs: 2 },
  "several trun of version 0 without tfdt": { runs: 3, version: 0, tfdt: "none" },
  "duration out of tfhd": { hasDefaultDuration: true },
  "media that begins with other bytes": { gapInMedia: 50 },
  "base offsets out of tfhd": { hasBaseOffset: true },
  "three stray bytes behind": { after: [Buffer.alloc(3)] },
  "seven stray bytes behind": { after: [Buffer.alloc(7, 0x41)] },
  "all that is odd at once": { before: [styp, free, uuid], inMoof: [unknown], between: [free], mdat: "large", runs: 3, trafs: 2, tfdt: 0, hasDefaultDuration: true, gapInMedia: 7 },
};

const INITS: Readonly<Record<string, Writing["init"]>> = {
  "free and uuid in the init segment": { extra: { first: [free], middle: [uuid], inMovie: [unknown, free], last: [free] } },
  "pasp and colr in the entry": { insideEntry: [box("pasp", u32(1, 1)), box("colr", Buffer.from("nclx"), Buffer.from([0, 2, 0, 2, 0, 2, 0]))] },
  "btrt and unknown boxes in the entry": { insideEntry: [box("btrt", u32(0, 1000, 1000)), unknown] },
  "track 7": { trackId: 7 },
};

/** What ffmpeg itself does not read, or reads otherwise. */
const UNLIKE = new Set(["three stray bytes behind", "seven stray bytes behind", "mdat of size 0", "base offsets out of tfhd", "no tfdt", "several trun of version 0 without tfdt", "mdat ahead of moof", "mdat of 64 bits ahead of moof", "several traf", "several traf and trun", "all that is odd at once"]);

export const BOXES_TABLE: readonly Entry[] = [
  ...(["pyramid", "hevcPyramid"] as const).flatMap((clip, number) =>
    Object.entries(BOXES)
      .filter((_, at) => number === 0 || at % 4 === 1)
      .map(([name, fragment]) => odd(`F6 ${name}, ${clip}`, clip, undefined, { fragment }, { ...(UNLIKE.has(name) ? { isUnlikeFfmpeg: true } : {}), ...(name === "mdat of 64 bits" ? { isLive: true } : {}) })),
  ),
  ...([0, 1] as const).map((version) => odd(`F6 negative offsets in a trun of version ${version}`, "pyramid", centered, { fragment: { version } })),
  odd("F6 negative offsets in a trun of version 0, H.265", "hevcPyramid", centered, { fragment: { version: 0, mdat: "large" } }),
  odd("F6 eight zeros behind", "pyramid", undefined, { fragment: { after: [Buffer.alloc(8)] } }, { mayLose: 40, isUnlikeFfmpeg: true }),
  ...Object.entries(INITS).map(([name, init]) => odd(`F6 ${name}`, "pyramid", undefined, { init })),
];
