export const WIDTH = 80;

/** Breaks a text at its spaces into lines of `width` columns; a word that is longer has its own line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(...cut(word, width));
  }
  return lines;
}

/** ARNs have no space. */
function cut(word: string, width: number): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < Math.max(1, word.length); at += width) pieces.push(word.slice(at, at + width));
  return pieces;
}

/** A text behind something that stands once, before its first line. */
export function hanging(first: string, text: string): string[] {
  return wrap(text, WIDTH - first.length).map((line, at) => (at === 0 ? first : " ".repeat(first.length)) + line);
}
