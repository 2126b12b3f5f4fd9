import { Bench } from "./bench.mjs";
import { describeMachine } from "./machine.mjs";
import { failedRow } from "./results.mjs";
import { BLOCKS } from "./rows.mjs";

/**
 * Runs the rows of these names, one block after the other; a block that fails costs its own rows only.
 * @returns the machine, the rows, and tables of growth; when the signal comes, what there is by then
 */
export async function run(names, { signal, say, quick, minutes }) {
  const bench = await Bench.open({ signal, say, quick, minutes });
  const [rows, growth] = [[], []];
  try {
    const machine = await describeMachine(bench.ffmpeg);
    for (const block of BLOCKS) {
      const wanted = Object.keys(block.titles).filter((name) => names.includes(name));
      if (wanted.length === 0 || signal.aborted) continue;
      say(wanted.join(", "));
      const measured = await block.run(bench, wanted).catch((error) => ({ rows: wanted.map((name) => failedRow(name, error.message)) }));
      bench.endRow();
      if (signal.aborted) continue;
      rows.push(...(measured.rows ?? []));
      growth.push(...(measured.growth ?? []));
    }
    return { machine, rows, growth };
  } finally {
    await bench.close();
  }
}
