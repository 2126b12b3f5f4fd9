import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { encodeMedia, type Media } from "../../src/emulator/index.js";
import { FFMPEG } from "../helpers/emulated.js";
import { fingerprintsOf, runWithFaults } from "../helpers/fault-run.js";
import { drawFaults } from "../helpers/random-faults.js";

/** One seed again: SEED=17; more of them: SEEDS=300, from FIRST_SEED on. */
const { SEED, SEEDS = "6", FIRST_SEED } = process.env;
const first = Number(SEED ?? FIRST_SEED ?? Math.floor(Math.random() * 1e6));
const seeds = Array.from({ length: SEED === undefined ? Number(SEEDS) : 1 }, (_, place) => first + place);

const FPS = 10;
const LOOP_SECONDS = 4.5;
const LENGTH_MS = 10_000;

const cameras = [{ bframes: 0 }, { bframes: 2 }, { bframes: 2, codec: "h265" as const }];
const decoders = ["ffmpeg", "node-av"] as const;
let media: Media[];
let prints: Map<number, string>[];

before(async () => {
  media = await Promise.all(cameras.map((camera) => encodeMedia({ path: FFMPEG }, { kind: "testsrc", size: { width: 160, height: 90 }, fps: `${FPS}/1`, fragmentSeconds: 0.5, loopSeconds: LOOP_SECONDS, ...camera })));
  prints = await Promise.all(media.map((each) => fingerprintsOf(each, FPS * LOOP_SECONDS)));
});

describe("with faults at random, every frame that was served comes once, in order, with its time and its picture", { concurrency: Number(process.env.CONCURRENCY ?? 3) }, () => {
  for (const seed of seeds) {
    test(`seed ${seed}`, async (context) => {
      const camera = seed % cameras.length;
      const decoder = decoders[seed % decoders.length];
      const { faults, sessionSeconds } = drawFaults(seed, { fromMs: 1500, toMs: LENGTH_MS - 2000 });
      const told = `SEED=${seed}: ${JSON.stringify({ camera: cameras[camera], decoder, sessionSeconds, faults })}`;
      try {
        const { frames, missing, gaps, damaged } = await runWithFaults({ media: media[camera]!, fingerprints: prints[camera]!, faults, sessionSeconds, lengthMs: LENGTH_MS, options: { decoder } });
        context.diagnostic(`${frames} frames, ${missing} never served whole, ${gaps.length} gaps, ${damaged} damaged unnoticeably; ${told}`);
      } catch (error) {
        assert.fail(`${error instanceof Error ? error.message : String(error)}\n${told}`);
      }
    });
  }
});
