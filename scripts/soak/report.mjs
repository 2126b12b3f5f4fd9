/** Rows of the table over time: more would not be read. */
const MOST_ROWS = 16;

/** A run as Markdown: how it went over time, and what was checked. */
export function report(name, { samples, elapsedSeconds, frames, warnings, machine }, checks) {
  const failed = checks.filter(({ isOk }) => !isOk).length;
  return [
    `### ${name}, ${(elapsedSeconds / 60).toFixed(1)} minutes: ${failed === 0 ? "passed" : `${failed} checks failed`}`,
    table(["minute", "RSS, MB", "descriptors", "children", "their RSS, MB", "frames"], spaced(samples).map(sampleRow)),
    `Largest age of a frame when it was written: ${frames.largestLagMs} ms. ${machine}.`,
    table(["check", "seen", "wanted", ""], checks.map((check) => [check.name, check.seen ?? "none", check.wanted ?? "none", check.isOk ? "ok" : "FAILED"])),
    ...(warnings.length === 0 ? [] : [`The last warnings:\n\n${warnings.map((warning) => `    ${warning}`).join("\n")}`]),
  ].join("\n\n");
}

/** A sample as a line for whoever waits. */
export const sampleLine = ({ minute, rssMb, descriptors, children, childrenMb, frames }) =>
  `${minute.toFixed(2)} min: ${rssMb.toFixed(1)} MB, ${descriptors} descriptors, ${children} children of ${childrenMb.toFixed(1)} MB, ${frames} frames`;

const sampleRow = ({ minute, rssMb, descriptors, children, childrenMb, frames }) => [minute.toFixed(2), rssMb.toFixed(1), descriptors, children, childrenMb.toFixed(1), frames];

/** The first, the last, and some between at equal distances. */
function spaced(samples) {
  if (samples.length <= MOST_ROWS) return samples;
  return Array.from({ length: MOST_ROWS }, (_, row) => samples[Math.round((row * (samples.length - 1)) / (MOST_ROWS - 1))]);
}

const table = (head, rows) => [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
