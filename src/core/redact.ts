const TOKEN = /(SessionToken=)[^&\s"'<>\\]+/gi;

/** A second net: messages are built without tokens, and this takes out what slips through, such as text from a library. */
export const redact = (text: string): string => text.replace(TOKEN, "$1…");

const CONTROLS = /(?![\t\n])\p{Cc}/gu;
/** The same as JSON escapes them: after an even number of backslashes, which are characters themselves. */
const ESCAPED_CONTROLS = /(?<!\\)((?:\\\\)*)\\(?:[bfr]|u00(?:0[0-8bcef]|1[\da-f]|7f|[89][\da-f]))/g;

/** Replaces control characters, which could move the cursor of a terminal or color its text: a service's message may hold any. */
export const printable = (text: string): string => text.replace(CONTROLS, "\uFFFD");

/** Does the same for the strings in a line of JSON, which stays valid. */
export const printableJson = (line: string): string => printable(line).replace(ESCAPED_CONTROLS, "$1\uFFFD");
