import assert from "node:assert/strict";
import type { DecoderSetup } from "../../src/core/picture.js";
import { readInitSegment } from "../../src/media/init.js";
import type { PictureKind } from "../../src/media/picture-kind.js";
import { PictureReader, type CodedPicture } from "../../src/media/pictures.js";
import { readSamples } from "../../src/media/samples.js";
import type { Clip } from "./clip.js";

/** The pictures of each fragment of a clip that is whole, in decoding order. */
export function readClip({ init, fragments }: Clip): (readonly CodedPicture[])[] {
  const segment = readInitSegment(init);
  const reader = new PictureReader(segment);
  return fragments.map((bytes) => {
    const { pictures, faulty } = reader.read(readSamples(bytes, segment));
    assert.deepEqual(faulty, []);
    return pictures;
  });
}

/** What a decoder of a clip must know, once all of it has been read. */
export const setupOf = (clip: Clip): DecoderSetup =>
  readClip(clip).at(-1)?.[0]?.setup ?? assert.fail("it holds no picture");

const KIND: PictureKind = {
  ...{ isReset: false, isIdr: false, standsAlone: false, isRandomAccess: false, recoversAfter: undefined },
  ...{ frameNum: 0, frameNumRange: 16, orderLsb: 0, orderRange: 16, isDisposable: false },
  ...{ isIdr: false, countsForOrder: true, isSkippedLeading: false, isDecodableLeading: false, layer: 0 },
};

export interface PictureParts extends Partial<PictureKind> {
  readonly order: number;
  readonly codec?: "h264" | "h265";
}

/** What a reset, and a picture that decoding can begin with, say. */
export const RESET = { isReset: true, isIdr: true, standsAlone: true, isRandomAccess: true } as const;
export const OPEN = { standsAlone: true, isRandomAccess: true } as const;

const plainSetup = (codec: DecoderSetup["codec"]): DecoderSetup => ({ bytes: Buffer.alloc(0), codec, width: 64, height: 48, configuration: "", extra: [] });
const SETUPS = { h264: plainSetup("h264"), h265: plainSetup("h265") };

/** Pictures without bytes, of which only their kinds matter; `index` is their output order. */
export const picturesLike = (parts: readonly PictureParts[]): CodedPicture[] =>
  parts.map(({ order, codec = "h264", ...kind }) => ({
    ...{ data: Buffer.alloc(0), sync: false, ptsMs: 40 * order, index: order, order },
    ...{ kind: { ...KIND, ...kind }, setup: SETUPS[codec], depth: 2, carriesSets: false },
  }));
