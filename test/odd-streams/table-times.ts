import type { ClipName } from "./clips.js";
import { odd, type Entry } from "./entry.js";
import { retimed, STEP } from "./samples.js";

/** F1: times that contradict the order of the pictures. */
const swapped = retimed((times) => times.map((time, at) => (at === 4 ? times[5]! : at === 5 ? times[4]! : time)), (place) => place === 1);
const CHANGES = {
  "two neighbors swapped": swapped,
  "two neighbors a little out of order": retimed((times) => times.map((time, at) => (at === 4 ? times[5]! + 300 : time)), (place) => place === 2),
  "first and last swapped": retimed((times) => [times.at(-1)!, ...times.slice(1, -1), times[0]!], (place) => place === 1),
  "rotated by three": retimed((times) => [...times.slice(3), ...times.slice(0, 3)], (place) => place === 2),
  "all equal": retimed((times) => times.map(() => times[0]!)),
  "all equal in one fragment": retimed((times) => times.map(() => times[0]!), (place) => place === 1),
  backwards: retimed((times) => [...times].reverse()),
  "in pairs": retimed((times) => times.map((_, at) => times[at - (at % 2)]!)),
  "with small jitter": retimed((times) => times.map((time, at) => time + ((at * 7919) % 540) - 270)),
  "with jitter of several pictures": retimed((times) => times.map((time, at) => time + (((at * 7919) % 7) - 3) * STEP), (place) => place === 1 || place === 2),
  "one a second late": retimed((times) => times.map((time, at) => (at === 5 ? time + 10 * STEP : time)), (place) => place === 1),
  "one half a second early": retimed((times) => times.map((time, at) => (at === 8 ? time - 5 * STEP - 77 : time)), (place) => place === 1),
  "one far too late": retimed((times) => times.map((time, at) => (at === 5 ? time + 60 * STEP : time)), (place) => place === 1),
  "on a coarse grid": retimed((times) => times.map((time) => time - (time % (3 * STEP)))),
};
const CLIPS: readonly ClipName[] = ["plain", "bframes", "pyramid", "hevc", "hevcPyramid"];

const ofDecoding = retimed((times) => times.map((_, at) => Math.min(...times) + at * STEP));
const ofDecodingOnce = retimed((times) => times.map((_, at) => Math.min(...times) + at * STEP), (place) => place === 1);

export const TIMES: readonly Entry[] = [
  ...Object.entries(CHANGES).flatMap(([name, edit], number) =>
    CLIPS.filter((_, at) => at === 2 || at === 4 || at === number % 5).map((clip) =>
      odd(`F1 times ${name}, ${clip}`, clip, edit, {}, name === "two neighbors swapped" ? { isLive: true } : {}),
    ),
  ),
  ...(["bframes", "pyramid", "hevcPyramid", "open", "hevcOpen"] as const).map((clip) => odd(`F1 times of decoding, ${clip}`, clip, ofDecoding, {}, clip === "bframes" ? { isLive: true } : {})),
  ...(["bframes", "hevcPyramid"] as const).map((clip) => odd(`F1 times of decoding in one fragment, ${clip}`, clip, ofDecodingOnce)),
  odd("F1 decoding times that start again in each fragment", "pyramid", undefined, { decodeTimeOf: () => 0 }, { isUnlikeFfmpeg: true }),
  odd("F1 decoding times that go back", "pyramid", undefined, { decodeTimeOf: (at) => (4 - at) * 10 * STEP }, { isUnlikeFfmpeg: true }),
  odd("F1 durations of zero", "bframes", (fragments) => fragments.map((samples) => samples.map((sample, at) => ({ ...sample, duration: at === samples.length - 1 ? 10 * STEP : 0 })))),
];
