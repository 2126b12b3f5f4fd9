import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { awsCli, pythonWith } from "./peers.mjs";

/** What figures mean nothing without. */
export async function describeMachine(ffmpeg) {
  const [opencv, pyav, aws] = await Promise.all([pythonWith("opencv"), pythonWith("pyav"), awsCli()]);
  const versionOf = ({ version, missing }) => version ?? missing;
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0].model.trim(),
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 1e9),
    load: loadavg()[0],
    node: process.version,
    ffmpeg: ffmpeg.version.split(" Copyright")[0].replace("ffmpeg version ", ""),
    opencv: versionOf(opencv),
    pyav: versionOf(pyav),
    aws: versionOf(aws),
  };
}
