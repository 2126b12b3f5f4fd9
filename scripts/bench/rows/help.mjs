import { awsCli } from "../peers.mjs";
import { row } from "../results.mjs";

export const titles = { help: "kvs-frames --help: time, beside aws --version" };

const AWS = "aws --version";

export async function run(bench, [name]) {
  const { command, missing } = await awsCli();
  const ours = bench.kvsFrames(["--help"]);
  const bare = bench.command([process.execPath, "-e", "0"]);
  const results = await bench.interleave({
    "kvs-frames": () => ours.run(),
    [AWS]: missing ?? (() => bench.command([command, "--version"]).run()),
    "node -e 0": () => bare.run(),
  }, { rounds: bench.choose(15, 3) });
  const inMs = ({ wall }) => wall * 1000;
  return { rows: [row({ name, figure: "time", unit: "ms", results, valueIn: inMs, against: AWS, target: { atMost: 0.4 } })] };
}
