/** MP4 boxes by hand, for fragments that no encoder would write. */
export function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + body.length);
  header.write(type, 4, "latin1");
  return Buffer.concat([header, body]);
}

/** A box with a version and 24 bits of flags. */
export const fullBox = (type: string, version: number, flags: number, ...parts: readonly Buffer[]): Buffer => box(type, u32(version * 2 ** 24 + flags), ...parts);

/** Negative numbers in two's complement. */
export function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, 4 * index);
  return bytes;
}

export function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

export interface Run {
  readonly count?: number;
  readonly version?: 0 | 1;
  readonly flags?: number;
  /** Values of the samples, in the order of their flags. */
  readonly fields?: readonly number[];
  readonly firstSampleFlags?: number;
  /** From the start of the mdat's body; undefined: go on where the last run ended. */
  readonly at?: number;
}

export interface FragmentParts {
  readonly runs: readonly Run[];
  readonly media?: Buffer;
  readonly decodeTime?: bigint;
  /** Duration, size and flags of samples that say nothing. */
  readonly defaults?: readonly [number, number, number];
  readonly trackId?: number;
}

export const PER_SAMPLE = { duration: 0x100, size: 0x200, flags: 0x400, offset: 0x800 } as const;

/** moof + mdat. */
export function fragment({ runs, media = Buffer.alloc(0), decodeTime = 0n, defaults = [100, 10, 0x1_00_00], trackId = 1 }: FragmentParts): Buffer {
  const moof = (mediaAt: number): Buffer =>
    box(
      "moof",
      fullBox("mfhd", 0, 0, u32(1)),
      box("traf", fullBox("tfhd", 0, 0x02_00_38, u32(trackId, ...defaults)), fullBox("tfdt", 1, 0, u64(decodeTime)), ...runs.map((run) => trun(run, mediaAt))),
    );
  return Buffer.concat([moof(moof(0).length + 8), box("mdat", media)]);
}

function trun({ count = 0, version = 0, flags = 0, fields = [], firstSampleFlags, at }: Run, mediaAt: number): Buffer {
  const hasOffset = at === undefined ? 0 : 0x1;
  const hasFirst = firstSampleFlags === undefined ? 0 : 0x4;
  const head = [count, ...(at === undefined ? [] : [mediaAt + at]), ...(firstSampleFlags === undefined ? [] : [firstSampleFlags])];
  return fullBox("trun", version, flags | hasOffset | hasFirst, u32(...head, ...fields));
}
