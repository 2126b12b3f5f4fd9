import { NO_GAP } from "../../core/stored-time.js";
import { duration, wholeNumber } from "../flag-values.js";
import { configFlags, flag, streamFlags, switchFlag, textFlag, type FlagGroup, type StreamFlags } from "../flags.js";
import { timePoint } from "../time-point.js";

export interface TimelineFlags extends StreamFlags {
  /** Unix epoch, milliseconds. */
  readonly start?: number;
  readonly end?: number;
  /** Seconds. */
  readonly minGap: number;
  readonly sheet?: string;
  readonly sheetColumns: number;
  readonly sheetRows: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const rangeFlags = (): FlagGroup => ({
  heading: "Range:",
  options: [
    flag("--start <time>", "from when: 2026-11-22T10:15:00Z, 1795342500 or -2h (default: -24h)", timePoint()),
    flag("--end <time>", "to before when: as --start, or now (default: now)", timePoint()),
    flag("--min-gap <time>", "what is shorter is no gap", duration).default(NO_GAP, "50ms"),
  ],
});

const outputFlags = (): FlagGroup => ({
  heading: "Output:",
  options: [
    switchFlag("--json", "one JSON object with all stretches and gaps, instead of the report"),
    textFlag("--sheet <file>", "write a JPEG of pictures over the range there, with their capture times"),
    flag("--sheet-columns <count>", "pictures side by side", wholeNumber(1, 20)).default(6, "6"),
    flag("--sheet-rows <count>", "pictures one below the other", wholeNumber(1, 20)).default(5, "5"),
    switchFlag("-q, --quiet", "no progress on the terminal"),
  ],
});

export const timelineFlags = (): FlagGroup[] => [streamFlags(), rangeFlags(), outputFlags(), configFlags()];
