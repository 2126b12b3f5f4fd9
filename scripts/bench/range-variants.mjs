/**
 * The kernel takes megabytes ahead of a client on the same machine, so that one who hangs up early has been sent everything. Over
 * a link of this speed, in Mbit/s, what the emulator has sent is what a client on a network gets, to a piece of 16 KiB.
 */
export const LINK = { linkMbps: 50 };

/**
 * Whether the service honours HTTP ranges is not known, so what reads parts of fragments is measured with both.
 * @returns options for the emulator, and what to call it
 */
export async function rangeVariants(bench) {
  const { stdout } = await bench.kvsFrames(["emulate", "--help"], { output: "text" }).run();
  if (!stdout.includes("--ranges")) return [{ options: LINK, label: "as the emulator does" }];
  return ["honoured", "ignored"].map((ranges) => ({ options: { ...LINK, ranges }, label: `ranges ${ranges}` }));
}
