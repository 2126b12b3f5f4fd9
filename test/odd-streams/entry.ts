import { clip, type Clip, type ClipName } from "./clips.js";
import { fragmentsOf, write, type Edit, type OddStream, type Writing } from "./samples.js";

/** An odd stream, and what may come of it. */
export interface Entry {
  readonly name: string;
  readonly make: () => Promise<OddStream>;
  /** How many pictures may be missing, if a gap or an error reports it. Default: none. */
  readonly mayLose?: number;
  /** ffmpeg itself shows other pictures when it reads the same bytes. */
  readonly isUnlikeFfmpeg?: true;
  /** It is also followed live. */
  readonly isLive?: true;
}

export type Allowance = Pick<Entry, "mayLose" | "isUnlikeFfmpeg" | "isLive">;

/** A clip, changed and written oddly. */
export const odd = (name: string, from: ClipName, edit?: Edit, writing: Writing | ((clip: Clip) => Writing) = {}, allowance: Allowance = {}): Entry => ({
  name,
  ...allowance,
  make: async () => {
    const source = await clip(from);
    const fragments = fragmentsOf(source);
    return write(source, edit ? edit(fragments, source) : fragments, typeof writing === "function" ? writing(source) : writing);
  },
});
