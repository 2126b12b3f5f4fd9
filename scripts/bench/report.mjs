/** Figures in three digits, as far as they say anything. */
const shown = (value) => (value === 0 ? "0" : Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3));

const spread = ({ median, min, max, missing }, unit) => missing ?? `${shown(median)}${unit && ` ${unit}`} (${shown(min)} to ${shown(max)})`;
/** A target for a value has its unit, one for a ratio none. */
function targetText({ target, judged, unit }) {
  if (target === null) return "";
  const text = "atLeast" in target ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`;
  return judged === "value" ? `${text} ${unit}` : text;
}
const REACHED = new Map([[true, "yes"], [false, "no"], [null, "not measured"]]);

/** A run as Markdown. */
export function report({ machine, rows, growth }) {
  return [
    machineText(machine),
    ...(rows.length === 0 ? [] : [table(["row", "figure", "kvs-frames", "beside", "ratio", "target", "reached"], rows.map(rowCells))]),
    ...notesOf(rows),
    ...growth.flatMap(({ name, title, columns, lines, notes = [] }) => [`**${name}**: ${title}`, ...(lines.length === 0 ? [] : [table(columns, lines)]), ...notes]),
  ].join("\n\n");
}

function machineText({ date, cpu, cores, memoryGb, load, node, ffmpeg, opencv, pyav, aws }) {
  return `${date}: ${cpu}, ${cores} cores, ${memoryGb} GB, load ${load.toFixed(2)} at the start; Node.js ${node}, ffmpeg ${ffmpeg}, OpenCV ${opencv}, PyAV ${pyav}, AWS CLI ${aws}.`;
}

function rowCells(row) {
  const { name, figure, unit, contenders: [ours, ...others], ratio, target, reached, error } = row;
  if (error !== undefined) return [name, "", error, "", "", "", "not measured"];
  const beside = others.map((contender) => `${contender.name}: ${spread(contender, unit)}`).join("; ");
  return [name, figure, spread(ours, unit), beside, ratio === null ? "" : ratio.toFixed(2), targetText(row), target === null ? "" : REACHED.get(reached)];
}

function notesOf(rows) {
  const notes = new Set(rows.flatMap(({ name, notes: lines }) => lines.map((line) => `- ${name}: ${line}`)));
  return notes.size === 0 ? [] : [[...notes].join("\n")];
}

const cell = (value) => String(value).replaceAll("|", "\\|").replaceAll("\n", " ");
const table = (head, rows) => [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.map(cell).join(" | ")} |`).join("\n");
