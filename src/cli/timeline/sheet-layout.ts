import type { Clock } from "../../core/frame.js";
import { durationOf, type StoredTime, type TimeSpan } from "../../core/stored-time.js";
import { isoTime } from "../../core/time.js";
import type { Cell } from "./cells.js";
import { formatDuration, formatShare } from "./quantities.js";

/** Pixels. */
export const PICTURE = { width: 320, height: 180 } as const;
const [MARGIN, SPACE, CAPTION, HEADER, BAR] = [24, 16, 30, 112, 8];
/** The header's second line fits. */
const LEAST_WIDTH = 832;
const WIDEST_LETTER = 17;

const COLORS = { page: "#14171c", tile: "#1f242c", frame: "#2c333d", text: "#e8eaed", faint: "#8b949e", stored: "#3fb950", missing: "#30363d" } as const;
const FONT = "DejaVu Sans, Noto Sans, Liberation Sans, Helvetica, Arial, sans-serif";

export interface Place {
  readonly left: number;
  readonly top: number;
}

export interface SheetContent {
  readonly camera: string;
  readonly range: TimeSpan & { readonly clock: Clock };
  readonly stretches: StoredTime["stretches"];
  readonly share: number;
  readonly columns: number;
  readonly rows: number;
  readonly cells: readonly Cell[];
  /** Of the picture of each cell: Unix epoch, milliseconds; undefined where there is none. */
  readonly capturedAt: readonly (number | undefined)[];
}

/** Pixels of the whole sheet. */
export function sheetSize({ columns, rows }: Pick<SheetContent, "columns" | "rows">): { width: number; height: number } {
  return {
    width: Math.max(LEAST_WIDTH, 2 * MARGIN + columns * (PICTURE.width + SPACE) - SPACE),
    height: HEADER + rows * (PICTURE.height + CAPTION + SPACE) - SPACE + MARGIN,
  };
}

/** Where the tile of a cell is. */
export const placeOf = (cell: number, columns: number): Place => ({
  left: MARGIN + (cell % columns) * (PICTURE.width + SPACE),
  top: HEADER + Math.floor(cell / columns) * (PICTURE.height + CAPTION + SPACE),
});

/** Everything but the pictures, as SVG. */
export function sheetSvg(content: SheetContent): string {
  const { width, height } = sheetSize(content);
  const tiles = content.cells.map((cell, at) => tile(cell, content.capturedAt[at], placeOf(at, content.columns)));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${FONT}">${rect({ left: 0, top: 0, width, height }, COLORS.page)}${header(content, width)}${tiles.join("")}</svg>`;
}

function header({ camera, range, share, stretches }: SheetContent, width: number): string {
  const when = `${second(range.fromMs)} to ${second(range.toMs)} UTC, ${formatDuration(durationOf(range))}, ${range.clock} clock`;
  const inner = width - 2 * MARGIN;
  const x = (time: number): number => MARGIN + ((time - range.fromMs) / durationOf(range)) * inner;
  const bars = stretches.map(({ fromMs, toMs }) => rect({ left: x(fromMs), top: 82, width: Math.max(1, x(toMs) - x(fromMs)), height: BAR }, COLORS.stored));
  return [
    text(shortened(camera, Math.floor(inner / WIDEST_LETTER)), { left: MARGIN, top: 40 }, { size: 22, color: COLORS.text, weight: "bold" }),
    text(when, { left: MARGIN, top: 66 }, { size: 15, color: COLORS.faint }),
    text(`${formatShare(share)} stored`, { left: width - MARGIN, top: 66 }, { size: 15, color: COLORS.text, anchor: "end" }),
    rect({ left: MARGIN, top: 82, width: inner, height: BAR }, COLORS.missing),
    ...bars,
  ].join("");
}

function tile({ fromMs, toMs, wanted }: Cell, capturedAt: number | undefined, { left, top }: Place): string {
  const centre = left + PICTURE.width / 2;
  const caption = { left: centre, top: top + PICTURE.height + 21 };
  const box = rect({ left, top, ...PICTURE }, COLORS.tile, COLORS.frame);
  if (capturedAt !== undefined) return box + text(isoTime(capturedAt).slice(0, 23).replace("T", " "), caption, { size: 14, color: COLORS.text, anchor: "middle" });
  const what = wanted === undefined ? "no media" : "not readable";
  const middle = { left: centre, top: top + PICTURE.height / 2 + 5 };
  return box + text(what, middle, { size: 15, color: COLORS.faint, anchor: "middle" }) + text(`${second(fromMs)} to ${second(toMs).slice(11)}`, caption, { size: 14, color: COLORS.faint, anchor: "middle" });
}

interface TextStyle {
  readonly size: number;
  readonly color: string;
  readonly weight?: "bold";
  readonly anchor?: "middle" | "end";
}

function text(words: string, { left, top }: Place, { size, color, weight, anchor }: TextStyle): string {
  return `<text x="${left}" y="${top}" font-size="${size}" fill="${color}"${weight ? ` font-weight="${weight}"` : ""}${anchor ? ` text-anchor="${anchor}"` : ""}>${escaped(words)}</text>`;
}

const rect = ({ left, top, width, height }: Place & { readonly width: number; readonly height: number }, fill: string, stroke?: string): string =>
  `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="${fill}"${stroke ? ` stroke="${stroke}"` : ""}/>`;

const shortened = (words: string, most: number): string => (words.length > most ? `${words.slice(0, most - 1)}…` : words);
const escaped = (words: string): string => words.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`).replace(/\p{Cc}/gu, " ");
const second = (time: number): string => isoTime(Math.round(time)).slice(0, 19).replace("T", " ");
