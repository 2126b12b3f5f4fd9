import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fuzzed, type FuzzedStream } from "./fuzz.js";
import { judge, Player } from "./run.js";

/** How many seeds, and which is the first. */
const COUNT = Number(process.env.FUZZ_SEEDS ?? 12);
const FROM = Number(process.env.FUZZ_FROM ?? 1);
const seeds = Array.from({ length: COUNT }, (_, at) => FROM + at);
/** So many cameras are played at a time. */
const BATCH = 50;

for (let first = 0; first < seeds.length; first += BATCH) {
  const batch = seeds.slice(first, first + BATCH);
  describe(`odd streams: at random, from seed ${batch[0]}`, { concurrency: 2 }, () => {
    const streams = new Map<number, FuzzedStream>();
    let player: Player;

    before(async () => {
      for (const seed of batch) streams.set(seed, await fuzzed(seed));
      player = await Player.start(new Map([...streams].map(([seed, { stream }]) => [`seed-${seed}`, stream])));
    });
    after(() => player[Symbol.asyncDispose]());

    for (const seed of batch) {
      test(`seed ${seed}: the same pictures as ffmpeg, or a gap that is told`, async () => {
        const { name, mayLose } = streams.get(seed)!;
        const { faults } = judge(await player.pull(`seed-${seed}`), { mayLose });
        assert.ok(faults.length === 0, `${name}: ${faults.slice(0, 6).join("; ")}`);
      });
    }
  });
}
