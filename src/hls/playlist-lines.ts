import { HLSStreamError } from "../core/errors.js";

/** Longer than any the service writes, which hold a token of 200 characters. */
const LONGEST_LINE = 8192;

/** What to read of a playlist. */
export interface LineRules {
  /** Without "#EXT". */
  readonly tags: ReadonlySet<string>;
  readonly maxLines: number;
}

/** The list of one or two variants. */
export const MASTER: LineRules = { tags: new Set(["M3U", "-X-VERSION", "-X-STREAM-INF"]), maxLines: 100 };
/** Five thousand fragments, the most that the service lists, with five lines each. */
export const MEDIA: LineRules = {
  tags: new Set(["M3U", "-X-VERSION", "-X-TARGETDURATION", "-X-MEDIA-SEQUENCE", "-X-DISCONTINUITY", "-X-MAP", "-X-PROGRAM-DATE-TIME", "INF", "-X-ENDLIST"]),
  maxLines: 30_000,
};

/**
 * What a playlist says with tags that we know. The parser's checks of the others take a time that grows with the square of
 * their number: an hour for what one answer can hold.
 * @throws HLSStreamError MALFORMED_PLAYLIST
 */
export function knownLines(text: string, { tags, maxLines }: LineRules): string {
  if (!/^#EXTM3U\s/.test(text)) throw malformed("it does not begin with #EXTM3U");
  const lines = text.split("\n", maxLines + 1);
  if (lines.length > maxLines) throw malformed(`it has more than ${maxLines} lines`);
  if (lines.some(({ length }) => length > LONGEST_LINE)) throw malformed(`it has a line of more than ${LONGEST_LINE} characters`);
  return lines.filter((line) => isKnown(line.trimStart(), tags)).join("\n");
}

function isKnown(line: string, tags: ReadonlySet<string>): boolean {
  if (!line.startsWith("#EXT")) return true;
  const [name = ""] = line.slice("#EXT".length).split(":", 1);
  return tags.has(name.trim());
}

export const malformed = (why: string, cause?: unknown): HLSStreamError =>
  new HLSStreamError(`cannot read a playlist: ${why}`, { code: "MALFORMED_PLAYLIST", retryable: true, cause });
