import { odd, type Entry } from "./entry.js";
import { annexB, delimiter, filler, ignored, information } from "./nal.js";
import { beside, eachSample, padded, retimed, STEP, together, type Edit } from "./samples.js";
import { misledInBand } from "./table-sizes.js";

const ofDecoding = retimed((times) => times.map((_, at) => Math.min(...times) + at * STEP));
const codes: Edit = eachSample((sample) => ({ ...sample, bytes: annexB(sample.units) }));
const setsInBand: Edit = (fragments, { sets }) => padded((at) => (at === 0 ? { ahead: sets } : undefined))(fragments, undefined as never);
const setsAlone: Edit = (fragments, { sets }) => eachSample((sample, at) => (at === 0 ? [beside(sample, sets), sample] : sample))(fragments, undefined as never);
const informed: Edit = (fragments, { codec }) => eachSample((sample, at) => (at % 4 === 2 ? [beside(sample, [information(codec)]), sample] : sample))(fragments, undefined as never);
const stuffed: Edit = (fragments, { codec }) => padded(() => ({ ahead: [delimiter(codec), ignored(codec, codec === "h264" ? 28 : 48)], behind: [filler(codec)] }))(fragments, undefined as never);

/** Several things that are odd, in one stream. */
export const MIXED: readonly Entry[] = (["pyramid", "hevcPyramid", "open", "hevcOpen"] as const).flatMap((clip) => [
  odd(`mix: times of decoding, sets alone, information alone, ${clip}`, clip, together(ofDecoding, informed, setsAlone), { init: { sets: [] } }, { isUnlikeFfmpeg: true }),
  odd(`mix: start codes, sets in band, an entry of 0x0, no tfdt, ${clip}`, clip, together(setsInBand, codes), { init: { sets: [], width: 0, height: 0 }, fragment: { tfdt: "none", mdat: "large" } }, { isUnlikeFfmpeg: true }),
  odd(`mix: stuffed pictures, all times equal, several runs, ${clip}`, clip, together(stuffed, retimed((times) => times.map(() => times[0]!))), { fragment: { runs: 3, trafs: 2 } }, { isUnlikeFfmpeg: true }),
  misledInBand(`mix: a depth of 0 in band, of 64 bits, ${clip}`, clip, { reordered: 0 }, { fragment: { mdat: "large", version: 0 } }),
]);
