const TOKEN = /(SessionToken=)[^&\s"'<>\\]+/gi;

/** A second net: messages are built without tokens, and this takes out what slips through, such as text from a library. */
export const redact = (text: string): string => text.replace(TOKEN, "$1…");

/** Control characters but for tabs and line ends, as they are or as JSON writes them. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROLS = /[\0-\x08\x0b-\x1f\x7f-\x9f]|\\u00(?:0[0-8bcef]|1[\da-f]|7f|[89][\da-f])/gi;

/** Takes out what would move the cursor of a terminal, or color it: texts of a service may hold anything. */
export const printable = (text: string): string => text.replace(CONTROLS, "\uFFFD");
