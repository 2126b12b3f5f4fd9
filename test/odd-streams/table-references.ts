import type { Clip, ClipName } from "./clips.js";
import { odd, type Entry } from "./entry.js";
import { delimiter, isRecoveryPoint, withLengths } from "./nal.js";
import { eachSample, type Edit } from "./samples.js";

/** F3: gradual refresh instead of key frames. F4: key frames that are no IDR. */
/** The last picture goes too: else what the next turn begins with seems to follow it. */
const withoutFirst: Edit = (fragments) => fragments.slice(1).map((samples, at) => (at === fragments.length - 2 ? samples.slice(0, -1) : samples));
const flagged = (sync: (at: number, old: boolean) => boolean): Edit => eachSample((sample, at) => ({ ...sample, sync: sync(at, sample.sync) }));
const withoutRecovery: Edit = (fragments, { codec }) =>
  eachSample((sample) => ({ ...sample, units: sample.units.filter((unit) => !isRecoveryPoint(codec, unit)) }))(fragments, undefined as unknown as Clip);
/** Fragments of other lengths, which begin with any picture. */
const cut = (count: number): Edit => (fragments) => {
  const all = fragments.flat();
  return Array.from({ length: Math.ceil(all.length / count) }, (_, at) => all.slice(at * count, (at + 1) * count));
};

/** One sample of the third fragment is cut short: what follows comes right with the refresh after it. */
const damaged = (edit: Edit): Edit => (fragments, source) =>
  eachSample((sample, at, place) => (place === 2 && at === 1 ? { ...sample, bytes: withLengths(sample.units).subarray(0, 40) } : sample))(edit(fragments, source), source);

/** A picture that others reference never came, or left a sample with nothing of it. A decoder makes something up in its place. */
const missing = (one: number, isEmptied: boolean): Edit => (fragments, { codec }) =>
  eachSample((sample, at, place) => {
    if (at !== one || place !== 1) return sample;
    return isEmptied ? { ...sample, units: [], bytes: withLengths([delimiter(codec)]), hash: undefined } : [];
  })(fragments, undefined as unknown as Clip);

const CLIPS: readonly ClipName[] = ["plain", "pyramid", "hevcPyramid", "open", "hevcOpen", "refresh"];

export const REFERENCES: readonly Entry[] = [
  odd("F3 gradual refresh, an IDR picture first", "refresh", undefined, {}, { isLive: true }),
  odd("F3 gradual refresh, no IDR picture", "refresh", withoutFirst, {}, { mayLose: 30, isUnlikeFfmpeg: true }),
  odd("F3 gradual refresh without recovery points", "refresh", withoutRecovery),
  odd("F3 gradual refresh in fragments of five", "refresh", cut(5)),
  odd("F3 gradual refresh in fragments of five, with damage", "refresh", damaged(cut(5)), {}, { mayLose: 20, isUnlikeFfmpeg: true }),
  odd("F3 gradual refresh in fragments of three, with damage", "refresh", damaged(cut(3)), {}, { mayLose: 24, isUnlikeFfmpeg: true }),
  odd("F4 open groups", "open", undefined, {}, { isLive: true }),
  odd("F4 open groups, H.265", "hevcOpen", undefined, {}, { isLive: true }),
  odd("F4 open groups, no IDR picture", "open", withoutFirst, {}, { mayLose: 4, isUnlikeFfmpeg: true }),
  odd("F4 open groups, no IDR picture, H.265", "hevcOpen", withoutFirst, {}, { mayLose: 4, isUnlikeFfmpeg: true }),
  odd("F4 open groups without recovery points", "open", withoutRecovery),
  odd("F4 open groups without recovery points, unflagged", "open", (fragments, clip) => flagged(() => false)(withoutRecovery(fragments, clip), clip)),
  ...CLIPS.flatMap((clip) => [
    odd(`F4 no sample flagged as a key frame, ${clip}`, clip, flagged(() => false)),
    odd(`F4 all samples flagged as key frames, ${clip}`, clip, flagged(() => true)),
    odd(`F4 flags that are wrong, ${clip}`, clip, flagged((at, old) => (at === 3 ? true : at === 0 ? false : old))),
  ]),
  ...([["plain", 4], ["bframes", 4], ["pyramid", 6], ["interlaced", 5], ["refresh", 3], ["open", 3], ["hevc", 4], ["hevcPyramid", 5], ["hevcOpen", 6]] as const).flatMap(([clip, at]) =>
    [false, true].map((isEmptied) => odd(`F3 a reference that ${isEmptied ? "left a sample without a picture" : "never came"}, ${clip}`, clip, missing(at, isEmptied), {}, { mayLose: 19, isUnlikeFfmpeg: true })),
  ),
  odd("F4 flags out of trex", "pyramid", undefined, { fragment: { flags: "default" } }),
  odd("F4 flags of the first only, with trex", "pyramid", undefined, { init: { defaults: [0, 0, 0x1_01_00_00] }, fragment: { flags: "first" } }),
  odd("F4 fragments without a key frame", "plain", cut(5), {}, { isLive: true }),
  odd("F4 fragments without a key frame, H.265", "hevcPyramid", cut(5)),
  odd("F4 fragments without a key frame, open groups", "open", cut(7)),
];
