/** Runs the command line; the only file that touches the process. */
export async function main(): Promise<void> {
  await Promise.resolve();
}
