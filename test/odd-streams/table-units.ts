import type { Clip, ClipName } from "./clips.js";
import { odd, type Entry } from "./entry.js";
import { annexB, delimiter, endOfSequence, endOfStream, filler, ignored, IGNORED, information, isSlice, lengthOf, typeOf, unitOf, withLengths } from "./nal.js";
import { beside, eachSample, padded, type Edit, type Sample } from "./samples.js";

/** F2: samples that are not exactly a picture, and units that are ignored. */
const BOTH: readonly ClipName[] = ["bframes", "hevcPyramid"];

/** A sample of such units ahead of the samples that are meant. */
const alone =
  (units: (clip: Clip) => readonly Buffer[], isMeant: (at: number, fragment: number) => boolean, isBehind = false): Edit =>
  (fragments, clip) =>
    eachSample((sample, at, place) => {
      if (!isMeant(at, place)) return sample;
      const other = beside(sample, units(clip));
      return isBehind ? [sample, other] : [other, sample];
    })(fragments, clip);

const always = (): boolean => true;
const atFirst = (at: number): boolean => at === 0;
const inside = (at: number): boolean => at === 4;
const atLast = (at: number): boolean => at === 9;

const ALONE: readonly Entry[] = BOTH.flatMap((clip) => [
  odd(`F2 sets as a sample of their own, first, ${clip}`, clip, alone(({ sets }) => sets, atFirst), {}, { isLive: true }),
  odd(`F2 sets as a sample of their own, inside, ${clip}`, clip, alone(({ sets }) => sets, inside)),
  odd(`F2 sets as a sample of their own, last, ${clip}`, clip, alone(({ sets }) => sets, atLast, true), {}, { isUnlikeFfmpeg: true }),
  odd(`F2 each set as a sample, ${clip}`, clip, (fragments, { sets }) => eachSample((sample, at) => (at === 0 ? [...sets.map((set) => beside(sample, [set])), sample] : sample))(fragments, undefined as never)),
  odd(`F2 information as a sample, everywhere, ${clip}`, clip, alone(({ codec }) => [information(codec)], always)),
  odd(`F2 information as a sample, last, ${clip}`, clip, alone(({ codec }) => [information(codec)], atLast, true), {}, { isUnlikeFfmpeg: true }),
  odd(`F2 a delimiter as a sample, everywhere, ${clip}`, clip, alone(({ codec }) => [delimiter(codec)], always)),
  odd(`F2 filler as a sample, inside and last, ${clip}`, clip, alone(({ codec }) => [filler(codec)], (at) => at % 3 === 1, true)),
  odd(`F2 ignored units as samples, ${clip}`, clip, alone(({ codec }) => [ignored(codec, IGNORED[codec][1]!)], always)),
  odd(`F2 end of sequence as a sample, last, ${clip}`, clip, alone(({ codec }) => [endOfSequence(codec)], atLast, true), {}, { isUnlikeFfmpeg: true }),
]);

const padding = (ahead: (clip: Clip, at: number) => readonly Buffer[], behind: (clip: Clip, at: number) => readonly Buffer[] = () => []): Edit =>
  (fragments, clip) => padded((at) => ({ ahead: ahead(clip, at), behind: behind(clip, at) }))(fragments, clip);
const none = (): readonly Buffer[] => [];

const INSIDE: readonly Entry[] = BOTH.flatMap((clip) => [
  odd(`F2 a delimiter in each, ${clip}`, clip, padding(({ codec }) => [delimiter(codec)])),
  odd(`F2 information and filler in each, ${clip}`, clip, padding(({ codec }) => [information(codec)], ({ codec }) => [filler(codec)])),
  odd(`F2 ignored types ahead, ${clip}`, clip, padding(({ codec }) => IGNORED[codec].map((type) => ignored(codec, type)))),
  odd(`F2 ignored types behind, ${clip}`, clip, padding(none, ({ codec }) => IGNORED[codec].map((type) => ignored(codec, type)))),
  odd(`F2 end of sequence in the last, ${clip}`, clip, padding(none, ({ codec }, at) => (at === 9 ? [endOfSequence(codec)] : [])), {}, { isLive: true }),
  odd(`F2 end of sequence and stream in the last, ${clip}`, clip, padding(none, ({ codec }, at) => (at === 9 ? [endOfSequence(codec), endOfStream(codec)] : []))),
  odd(`F2 the forbidden bit in an extra unit, ${clip}`, clip, padding(({ codec }) => [unitOf(codec, codec === "h264" ? 1 : 1, Buffer.from([0x9a, 0x24]), { isForbidden: true })])),
  odd(`F2 units of a header only, ${clip}`, clip, padding(({ codec }) => [unitOf(codec, codec === "h264" ? 6 : 39, Buffer.alloc(0))])),
  odd(`F2 sets in band in each key frame, ${clip}`, clip, padding(({ sets }, at) => (at === 0 ? sets : []))),
  odd(`F2 sets in band only, ${clip}`, clip, padding(({ sets }, at) => (at === 0 ? sets : [])), { init: { sets: [] } }, { isLive: true }),
  odd(`F2 sets in band only, as avc3 or hev1, ${clip}`, clip, padding(({ sets }, at) => (at === 0 ? sets : [])), ({ codec }) => ({ init: { sets: [], entry: codec === "h264" ? "avc3" : "hev1" } })),
  odd(`F2 sets in band only, as a sample, ${clip}`, clip, alone(({ sets }) => sets, atFirst), { init: { sets: [] } }),
]);

const bytesOf = (change: (sample: Sample, at: number) => Buffer | undefined): Edit => eachSample((sample, at) => ({ ...sample, bytes: change(sample, at) ?? sample.bytes ?? withLengths(sample.units) }));

const ODD_BYTES: readonly Entry[] = BOTH.flatMap((clip) => [
  odd(`F2 zeros behind each unit, in its length, ${clip}`, clip, eachSample((sample) => ({ ...sample, units: sample.units.map((unit) => Buffer.concat([unit, Buffer.alloc(3)])) }))),
  ...[1, 2, 3, 4, 8].map((count) => odd(`F2 ${count} zeros behind each sample, ${clip}`, clip, bytesOf(({ units }) => Buffer.concat([withLengths(units), Buffer.alloc(count)])), {}, { isUnlikeFfmpeg: true })),
  odd(`F2 an empty unit first, ${clip}`, clip, bytesOf(({ units }) => Buffer.concat([lengthOf(0), withLengths(units)])), {}, { isUnlikeFfmpeg: true }),
  odd(`F2 an empty unit in the middle, ${clip}`, clip, (fragments, source) => bytesOf(({ units }) => withLengths([information(source.codec), Buffer.alloc(0), ...units]))(fragments, source), {}, { isUnlikeFfmpeg: true }),
  odd(`F2 an empty unit last, ${clip}`, clip, bytesOf(({ units }) => Buffer.concat([withLengths(units), lengthOf(0)])), {}, { isUnlikeFfmpeg: true }),
  odd(`F2 start codes of four bytes for lengths, ${clip}`, clip, bytesOf(({ units }) => annexB(units)), {}, { isLive: true, isUnlikeFfmpeg: true }),
  odd(`F2 start codes of three bytes for lengths, ${clip}`, clip, bytesOf(({ units }) => annexB(units, 3)), {}, { isUnlikeFfmpeg: true }),
  odd(`F2 start codes for lengths, with sets, ${clip}`, clip, (fragments, source) => bytesOf(({ units }, at) => annexB(at === 0 ? [delimiter(source.codec), ...source.sets, ...units] : units))(fragments, source), { init: { sets: [] } }, { isUnlikeFfmpeg: true }),
  odd(`F2 one length around start codes, ${clip}`, clip, (fragments, source) => bytesOf(({ units }, at) => withLengths([annexB(at === 0 ? [...source.sets, ...units] : [delimiter(source.codec), ...units])]))(fragments, source)),
  odd(`F2 a length, then units behind start codes, ${clip}`, clip, (fragments, source) => bytesOf(({ units }) => withLengths([Buffer.concat([delimiter(source.codec), annexB(units, 3)])]))(fragments, source)),
  odd(`F2 a sample of no bytes, ${clip}`, clip, eachSample((sample, at) => (at === 5 ? [beside(sample, [], { bytes: Buffer.alloc(0) }), sample] : sample)), {}, { isUnlikeFfmpeg: true }),
  odd(`F2 a sample of zeros, ${clip}`, clip, eachSample((sample, at) => (at === 5 ? [beside(sample, [], { bytes: Buffer.alloc(9) }), sample] : sample)), {}, { isUnlikeFfmpeg: true }),
  odd(`F2 a sample of nonsense, ${clip}`, clip, eachSample((sample, at, place) => (at === 5 && place === 1 ? [beside(sample, [], { bytes: Buffer.alloc(40, 0x5a) }), sample] : sample)), {}, { isUnlikeFfmpeg: true, mayLose: 10 }),
  odd(`F2 a picture cut short, ${clip}`, clip, eachSample((sample, at, place) => (at === 5 && place === 1 ? { ...sample, bytes: withLengths(sample.units).subarray(0, 40) } : sample)), {}, { isUnlikeFfmpeg: true, mayLose: 9 }),
  odd(`F2 a picture whose length says too much, ${clip}`, clip, eachSample((sample, at, place) => (at === 5 && place === 1 ? { ...sample, bytes: Buffer.concat([lengthOf(0xff_ff), sample.units.at(-1)!]) } : sample)), {}, { isUnlikeFfmpeg: true, mayLose: 9 }),
  odd(`F2 lengths of two bytes, ${clip}`, clip, undefined, { init: { nalLengthBytes: 2 } }),
]);

const OTHERS: readonly Entry[] = [
  odd("F2 lengths of one byte", "tiny", undefined, { init: { nalLengthBytes: 1, width: 64, height: 48 } }),
  odd("F2 many slices", "tiny", undefined, { init: { width: 64, height: 48 } }),
  odd("F2 four slices", "slices"),
  odd("F2 four slices with ignored units between them", "slices", eachSample((sample) => ({ ...sample, units: sample.units.flatMap((unit) => [ignored("h264", 24), unit, filler("h264")]) }))),
  odd("F2 four slices behind start codes", "slices", eachSample((sample) => ({ ...sample, bytes: annexB(sample.units, 3) })), {}, { isUnlikeFfmpeg: true }),
  odd("F2 pictures of layers above the first", "hevcPyramid", eachSample((sample) => ({ ...sample, units: [...sample.units, ...sample.units.filter((unit) => isSlice("h265", unit)).map((unit) => unitOf("h265", typeOf("h265", unit), unit.subarray(2), { layer: 3 }))] }))),
  odd("F2 sets of layers above the first", "hevcPyramid", (fragments, { sets }) => padded((at) => ({ ahead: at === 0 ? sets.map((set) => unitOf("h265", typeOf("h265", set), set.subarray(2), { layer: 40 })) : [] }))(fragments, undefined as never)),
  odd("F2 a temporal id of zero in an extra unit", "hevcPyramid", padded(() => ({ ahead: [Buffer.from([0x02, 0x00, 0xd0, 0x55])] }))),
  odd("F2 frames of two fields", "interlaced", undefined, { init: { height: 96 } }),
];

export const UNITS: readonly Entry[] = [...ALONE, ...INSIDE, ...ODD_BYTES, ...OTHERS];
