import { clip, decodedMp4, type Clip, type ClipName } from "./clips.js";
import { fragmentsOf, inOrder, write, type Edit, type OddStream, type Writing } from "./samples.js";

/** An odd stream, and what may come of it. */
export interface Entry {
  readonly name: string;
  readonly make: () => Promise<OddStream>;
  /** How many pictures may be missing, if a gap or an error reports it. Default: none. */
  readonly mayLose?: number;
  /** ffmpeg itself shows other pictures when it reads the same bytes. */
  readonly isUnlikeFfmpeg?: true;
  /** What is expected is what ffmpeg decodes from the same bytes: the edit changes what the clip's pictures look like. */
  readonly isByFfmpeg?: true;
  /** It is also followed live. */
  readonly isLive?: true;
}

export type Allowance = Pick<Entry, "mayLose" | "isUnlikeFfmpeg" | "isByFfmpeg" | "isLive">;

/** A clip, changed and written oddly. */
export const odd = (name: string, from: ClipName, edit?: Edit, writing: Writing | ((clip: Clip) => Writing) = {}, allowance: Allowance = {}): Entry => ({
  name,
  ...allowance,
  make: async () => {
    const source = await clip(from);
    const fragments = fragmentsOf(source);
    const stream = write(source, edit ? edit(fragments, source) : fragments, typeof writing === "function" ? writing(source) : writing);
    return allowance.isByFfmpeg ? asDecoded(stream) : stream;
  },
});

/** With more, ffmpeg begins a picture of H.265 before it has read the sets behind the slices of the one before. */
const ONE_THREAD = ["-threads", "1"];

/** The stream with its pictures as ffmpeg decodes them. */
async function asDecoded(stream: OddStream): Promise<OddStream> {
  const decoded = await decodedMp4(Buffer.concat(stream.files.map(({ bytes }) => bytes)), ONE_THREAD);
  const ranks = inOrder(stream.shown).map(({ rank }) => rank);
  if (decoded.length !== ranks.length) throw new Error(`ffmpeg decodes ${decoded.length} pictures of ${ranks.length}`);
  const hashes = new Map(ranks.map((rank, at) => [rank, decoded[at] ?? ""]));
  return { ...stream, shown: stream.shown.map((fragment) => fragment.map((picture) => ({ ...picture, hash: hashes.get(picture.rank) ?? picture.hash }))) };
}
