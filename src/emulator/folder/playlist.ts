import { FolderError } from "./error.js";

/** One fragment as a media playlist lists it. */
export interface ListedFile {
  readonly uri: string;
  /** URI of its init segment. */
  readonly init: string;
  /** EXTINF, where it is a number. */
  readonly durationMs: number | undefined;
  /** EXT-X-PROGRAM-DATE-TIME, where it is a time. */
  readonly dateMs: number | undefined;
  readonly isDiscontinuous: boolean;
}

/** Tells a playlist of fragments from a master playlist. */
export const isMediaPlaylist = (text: string): boolean => /^#EXTINF:/m.test(text);

/**
 * Reads a media playlist.
 * @param path for the words of errors
 * @throws FolderError where it needs parts of files, or has no init segment
 */
export function readPlaylist(text: string, path: string): ListedFile[] {
  const files: ListedFile[] = [];
  let init: string | undefined;
  let next = nothingYet;
  for (const line of text.split("\n").map((each) => each.trim())) {
    const [, tag = "", value = ""] = /^(#EXT[A-Z-]+)(?::(.*))?$/.exec(line) ?? [];
    if (tag === "#EXT-X-BYTERANGE" || /^#EXT-X-MAP:.*BYTERANGE/.test(line)) {
      throw new FolderError(`playlist "${path}" must name whole files, got BYTERANGE in ${tag}`);
    }
    if (tag === "#EXT-X-MAP") init = /URI="([^"]*)"/.exec(value)?.[1];
    else if (tag === "#EXTINF") next = { ...next, durationMs: secondsIn(value) };
    else if (tag === "#EXT-X-PROGRAM-DATE-TIME") next = { ...next, dateMs: timeIn(value) };
    else if (tag === "#EXT-X-DISCONTINUITY") next = { ...next, isDiscontinuous: true };
    else if (line !== "" && !line.startsWith("#")) {
      if (init === undefined) {
        const wanted = "EXT-X-MAP before its first fragment";
        throw new FolderError(`playlist "${path}" must have ${wanted}, got none`);
      }
      files.push({ uri: line, init, ...next });
      next = nothingYet;
    }
  }
  return files;
}

const nothingYet: Pick<ListedFile, "durationMs" | "dateMs" | "isDiscontinuous"> = {
  durationMs: undefined,
  dateMs: undefined,
  isDiscontinuous: false,
};

function secondsIn(text: string): number | undefined {
  const ms = parseFloat(text) * 1000;
  return ms >= 0 && ms < Infinity ? ms : undefined;
}

function timeIn(text: string): number | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/**
 * Finds the file that a URI means: the one of that very name, percent signs decoded or not, or
 * else of the name without its query.
 * @throws FolderError where it is no plain name, or no file of the folder has it
 */
export function fileOf(uri: string, names: ReadonlySet<string>, path: string): string {
  const bare = uri.replace(/[?#].*$/s, ""); // errors name it so: a query may hold a token
  const candidates = [uri, decoded(uri), bare, decoded(bare)];
  const name = candidates.find((each) => names.has(each));
  if (name !== undefined) return name;
  const isPlain = !/[/\\]/.test(decoded(bare));
  const wanted = isPlain ? "files that are in its folder" : "plain names of files in its folder";
  throw new FolderError(`playlist "${path}" must name ${wanted}, got "${bare}"`);
}

function decoded(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}
