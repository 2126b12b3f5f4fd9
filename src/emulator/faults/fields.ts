import * as v from "valibot";
import { RATES } from "../api/limits.js";
import { milliseconds } from "./time.js";

/** API operations and HLS routes, as the journal names them. */
export const OPERATIONS = [...Object.keys(RATES), "ListStreams"];

/** A field's message says what is wanted; {@link parseFaults} says where, and what it saw. */
const time = (isWanted: (ms: number) => boolean, wanted: string) =>
  v.pipe(v.custom<number | string>((value) => isWanted(milliseconds(value)), wanted), v.transform((value: number | string) => milliseconds(value)));

const A_TIME = "a time such as 500ms, 10s, 5m or 2h";
export const anyTime = time((ms) => ms >= 0 && ms < Infinity, A_TIME);
export const someTime = time((ms) => ms > 0 && ms < Infinity, `${A_TIME}, and more than none`);

export const whole = (min: number, max = Number.MAX_SAFE_INTEGER) => {
  const wanted = `a whole number${min === -Number.MAX_SAFE_INTEGER ? "" : ` from ${min}`}${max === Number.MAX_SAFE_INTEGER ? "" : ` to ${max}`}`;
  return v.pipe(v.number(wanted), v.check((value) => Number.isSafeInteger(value) && value >= min && value <= max, wanted));
};

export const text = v.string("text");
const name = v.pipe(v.string("some text"), v.nonEmpty("some text"));
const operation = v.picklist(OPERATIONS, `one of ${OPERATIONS.join(", ")}`);

/** What happens once: from when on, counted from the start of the emulator, and to which stream (default: all). */
export const moment = { at: v.optional(anyTime, 0), stream: v.optional(name) };
/** What lasts: for ever, unless said otherwise. */
export const span = { ...moment, for: v.optional(someTime) };
/** What hits requests: any number of them, unless said otherwise. */
export const hits = { ...span, times: v.optional(whole(1)) };
/** What hits requests of several kinds; each fault has its own default. */
export const requests = { ...hits, operation: v.optional(operation) };
