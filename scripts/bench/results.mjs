import { summary } from "./statistics.mjs";

/**
 * One line of the table: what was measured of whom, and what is to be reached.
 * @param results by contender, samples or a text that says why there are none; the first contender is ours
 * @param valueIn gives the figure of one sample
 * @param against the contender to compare with
 * @param judged whether the target is for the "ratio" to it, or for the "value" of our own median
 * @param target { atLeast } or { atMost }; none where a row only tells
 * @param kind "cost": our figure over theirs; "speed": theirs, of time, over ours
 */
export function row({ name, figure, unit, results, valueIn = (sample) => sample, against, kind = "cost", judged = against === undefined ? "value" : "ratio", target = null, notes = [] }) {
  const contenders = Object.entries(results).map(([contender, samples]) => ({
    name: contender,
    ...(typeof samples === "string" ? { missing: samples } : summary(samples.map(valueIn))),
  }));
  const [ours] = contenders;
  const theirs = contenders.find((contender) => contender.name === against);
  const ratio = theirs === undefined || isMissing(ours) || isMissing(theirs) ? null : kind === "speed" ? theirs.median / ours.median : ours.median / theirs.median;
  const compared = judged === "value" ? (ours.median ?? null) : ratio;
  return { name, figure, unit, contenders, against: against ?? null, ratio, judged, target, reached: isReached(compared, target), notes };
}

/** A row whose measuring failed, or that this build cannot run. */
export const failedRow = (name, error) => ({ name, figure: "", unit: "", contenders: [], against: null, ratio: null, judged: null, target: null, reached: null, notes: [], error });

const isMissing = (contender) => contender.missing !== undefined;

/** null: not measured. */
function isReached(value, target) {
  if (value === null || target === null) return null;
  return "atLeast" in target ? value >= target.atLeast : value <= target.atMost;
}
