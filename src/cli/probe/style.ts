const CODES = { bold: "1", dim: "2", red: "31", green: "32", yellow: "33", cyan: "36" } as const;

export type Colour = keyof typeof CODES;
export type Paint = (colour: Colour, text: string) => string;

/** Colours where they are wanted, and plain text elsewhere. */
export const painter = (isColoured: boolean): Paint => (isColoured ? (colour, text) => `\x1b[${CODES[colour]}m${text}\x1b[0m` : (_, text) => text);
