import ms, { type StringValue } from "ms";
import { OptionError } from "../core/errors.js";

/** Turns a flag's text into its value, or throws an OptionError that names the option. */
export type Reader<T> = (text: string) => T;

const refuse = (option: string, wanted: string, text: string): never => {
  throw new OptionError(`${option} must be ${wanted}, got "${text}"`, option);
};

export const text = (option: string): Reader<string> => (given) => given === "" ? refuse(option, "some text", given) : given;

const DECIMAL = /^-?\d+(\.\d+)?$/;

export const number = (option: string): Reader<number> => (given) => DECIMAL.test(given) ? Number(given) : refuse(option, "a number", given);

/** A number, or one divided by another: 1/60 is one a minute. */
export const rate = (option: string): Reader<number> => (given) => {
  const [dividend = "", divisor = "1", ...more] = given.split("/");
  const isRate = [dividend, divisor].every((part) => DECIMAL.test(part)) && Number(divisor) > 0 && more.length === 0;
  return isRate ? Number(dividend) / Number(divisor) : refuse(option, "a number or a fraction such as 1/60", given);
};

export const wholeNumber = (min: number, max = Number.MAX_SAFE_INTEGER) => (option: string): Reader<number> => (given) => {
  const value = /^\d+$/.test(given) ? Number(given) : NaN;
  const limits = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`;
  return value >= min && value <= max ? value : refuse(option, `a whole number ${limits}`, given);
};

export const oneOf = <const T extends string>(values: readonly T[]) => (option: string): Reader<T> => (given) =>
  values.find((value) => value === given) ?? refuse(option, `one of ${values.join(", ")}`, given);

/** What `ms` takes without throwing. */
const LONGEST_TIME = 100;
const withUnit = (text: string): number => (text === "" || text.length > LONGEST_TIME ? NaN : ((ms(text as StringValue) as number | undefined) ?? NaN) / 1000);

/** Seconds of a text with a unit or without; NaN for any other. */
export const secondsOf = (text: string): number => (DECIMAL.test(text) ? Number(text) : withUnit(text));

export const duration = (option: string): Reader<number> => (given) => {
  const seconds = secondsOf(given);
  return seconds >= 0 ? seconds : refuse(option, "a time such as 500ms, 10s, 5m or 2h", given);
};

export const positiveDuration = (option: string): Reader<number> => (given) => {
  const seconds = duration(option)(given);
  return seconds > 0 ? seconds : refuse(option, "more than no time", given);
};

export interface Size {
  readonly width?: number;
  readonly height?: number;
}

export const size = (option: string): Reader<Size> => (given) => {
  const match = /^(\d*)x(\d*)$/.exec(given);
  const [width, height] = [match?.[1], match?.[2]];
  if (!width && !height) return refuse(option, "a size such as 1280x720, 1280x or x720", given);
  return { ...(width && { width: Number(width) }), ...(height && { height: Number(height) }) };
};
