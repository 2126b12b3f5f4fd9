/**
 * Whether the service honours HTTP ranges is not known, so what reads parts of fragments is measured with both.
 * @returns what to start the emulator with, and what to call it
 */
export async function rangeVariants(bench) {
  const { stdout } = await bench.kvsFrames(["emulate", "--help"], { output: "text" }).run();
  if (!stdout.includes("--ranges")) return [{ ranges: undefined, label: "as the emulator does" }];
  return [{ ranges: "honoured", label: "ranges honoured" }, { ranges: "ignored", label: "ranges ignored" }];
}
