import type { Spread } from "./facts.js";

/** @param values one at least */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { min: sorted[0] ?? NaN, median: median(sorted), max: sorted.at(-1) ?? NaN };
}

/** @param sorted one at least, smallest first */
function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
export const mean = (values: readonly number[]): number => sum(values) / values.length;

/** Each value with the one before it. */
export const pairs = <T>(values: readonly T[]): (readonly [T, T])[] => values.slice(1).map((value, at) => [values[at] as T, value] as const);

export function deviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
}

export interface Line {
  readonly slope: number;
  readonly slopeError: number;
  /** Standard deviation of the points around it. */
  readonly residual: number;
}

/** The straight line with the least squares through three points or more, not all at one x. */
export function fitLine(points: readonly (readonly [x: number, y: number])[]): Line {
  const [centreX, centreY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const squares = sum(points.map(([x]) => (x - centreX) ** 2));
  const slope = sum(points.map(([x, y]) => (x - centreX) * (y - centreY))) / squares;
  const residual = Math.sqrt(mean(points.map(([x, y]) => (y - centreY - slope * (x - centreX)) ** 2)));
  return { slope, slopeError: (residual * Math.sqrt(points.length / (points.length - 2))) / Math.sqrt(squares), residual };
}
