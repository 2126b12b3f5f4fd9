import { setTimeout as sleep } from "node:timers/promises";

/**
 * Runs contenders in turns, A B A B …, so that what the machine does besides hits all of them alike.
 * @param contenders by name: a function that runs it once and gives the sample, or a text that says why it cannot run
 * @returns by name, the samples in order, or the text
 */
export async function interleave(contenders, { rounds, signal, say, pauseMs = 0 }) {
  const results = Object.fromEntries(Object.entries(contenders).map(([name, run]) => [name, typeof run === "string" ? run : []]));
  for (let round = 1; round <= rounds; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      if (typeof run === "string") continue;
      signal.throwIfAborted();
      say(`round ${round} of ${rounds}: ${name}`);
      results[name].push(await run());
      await sleep(pauseMs, undefined, { signal });
    }
  }
  return results;
}
