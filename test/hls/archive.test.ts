import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ResourceNotFoundException } from "@aws-sdk/client-kinesis-video-archived-media";
import { HLSStreamError } from "../../src/core/errors.js";
import type { FragmentRef } from "../../src/core/fragment.js";
import { SessionUrl } from "../../src/core/session-url.js";
import { parseCamera, type FragmentTruth } from "../../src/emulator/index.js";
import { Archive, type ArchiveSupply } from "../../src/hls/archive.js";
import { Cursor } from "../../src/hls/cursor.js";
import type { FragmentDownload } from "../../src/hls/beginning.js";
import type { ListedFragment } from "../../src/hls/playlist.js";
import { SessionReader } from "../../src/hls/reader.js";
import { positionAfter } from "../../src/hls/selection.js";
import { Emulated } from "../helpers/emulated.js";
import { EVERYTHING } from "../helpers/everything.js";
import { openDownloader } from "../helpers/http-reading.js";

const emulated = new Emulated({ cameras: [parseCamera("front=testsrc,size=64x48,fps=5,fragment=1,loop=4,history=120")], limits: false });
let known: FragmentTruth[] | undefined;
const stored = (): FragmentTruth[] => (known ??= emulated.camera("front").fragments(Date.now() - 60_000, Date.now() - 5000, "producer"));

const refOf = ({ number, startMs, durationMs }: FragmentTruth): FragmentRef => ({ number, startMs: startMs.producer, durationMs });

interface Asked {
  readonly ranges: { fromMs: number; toMs: number }[];
  readonly numbers: string[];
}

/** Reads between two of the stored fragments, with limits of the test's choice; `refuse` may spoil taking one. */
async function reading(limits: Partial<ArchiveSupply> & { latestMs?: number; untilByMs?: number; parallel?: number }, [from, to]: [number, number], refuse?: (fragment: ListedFragment, times: number) => void): Promise<Asked> {
  const asked: Asked = { ranges: [], numbers: [] };
  const supply: ArchiveSupply = {
    longestRangeMs: 86_400_000,
    isInOrderOfTime: false,
    fragmentsListed: 1000,
    open: async ({ fromMs, toMs }) => {
      asked.ranges.push({ fromMs, toMs });
      const range = { StartTimestamp: new Date(fromMs), EndTimestamp: new Date(toMs) };
      const input = { PlaybackMode: "ON_DEMAND", HLSFragmentSelector: { FragmentSelectorType: "PRODUCER_TIMESTAMP", TimestampRange: range }, MaxMediaPlaylistFragmentResults: limits.fragmentsListed ?? 1000 } as const;
      const url = await emulated.open("front", input).catch((error: unknown) => {
        if (error instanceof ResourceNotFoundException) return undefined;
        throw error;
      });
      return url === undefined ? undefined : new SessionUrl(url);
    },
    keptSince: () => Promise.resolve(-Infinity),
    ...limits,
  };
  let times = 0;
  class Reader extends SessionReader {
    override async fragment(fragment: ListedFragment, signal: AbortSignal): Promise<FragmentDownload> {
      refuse?.(fragment, ++times);
      return super.fragment(fragment, signal);
    }
  }
  using downloader = openDownloader();
  const signal = new AbortController().signal;
  const reader = new Reader(downloader);
  const archive = new Archive(supply, { reader, signal, parallel: limits.parallel ?? 1 });
  const cursor = new Cursor({ reader, signal, position: positionAfter(refOf(stored()[from]!)), plan: EVERYTHING, onGap: () => assert.fail(), onLost: () => assert.fail(), onSkipped: () => assert.fail() });
  const until = refOf(stored()[to]!);
  const fetched = archive.between(cursor, { ...until, startMs: until.startMs + (limits.untilByMs ?? 0) }, limits.latestMs ?? -Infinity);
  for await (const { ref } of fetched) asked.numbers.push(ref.number);
  return asked;
}

const between = (from: number, to: number): string[] => stored().slice(from + 1, to).map(({ number }) => number);
const expired = new HLSStreamError("the session has ended", { code: "SESSION_EXPIRED", retryable: true });

describe("reading the archive between two fragments", () => {
  test("gives what lies between them, in order", async () => {
    const { numbers, ranges } = await reading({}, [3, 40]);
    assert.deepEqual(numbers, between(3, 40));
    assert.equal(ranges.length, 1);
  });

  test("takes several sessions where one lists only the oldest", async () => {
    const { numbers, ranges } = await reading({ fragmentsListed: 7, isInOrderOfTime: true }, [3, 40]);
    assert.deepEqual(numbers, between(3, 40));
    assert.equal(ranges.length, 6);
  });

  test("takes several sessions where the range is longer than allowed", async () => {
    const { numbers, ranges } = await reading({ longestRangeMs: 10_000 }, [3, 40]);
    assert.deepEqual(numbers, between(3, 40));
    assert.ok(ranges.length >= 4 && ranges.every(({ fromMs, toMs }) => toMs - fromMs <= 10_000), JSON.stringify(ranges));
  });

  test("goes on in a new session when one ends, without a repetition", async () => {
    const { numbers, ranges } = await reading({}, [3, 40], (_fragment, times) => {
      if (times % 10 === 0) throw expired;
    });
    assert.deepEqual(numbers, between(3, 40));
    assert.equal(ranges.length, 4);
  });

  test("fetches several at a time, and gives each once and in order all the same", async () => {
    const { numbers, ranges } = await reading({ parallel: 4 }, [3, 40], (_fragment, times) => {
      if (times === 10 || times === 20) throw expired;
    });
    assert.deepEqual(numbers, between(3, 40));
    assert.equal(ranges.length, 3);
  });

  test("does not open sessions for ever when every new one is refused", async () => {
    const opened = reading({}, [3, 40], () => {
      throw expired;
    });
    await assert.rejects(opened, { code: "SESSION_EXPIRED" });
  });

  test("passes over a stretch of which nothing is stored", async () => {
    let opened = 0;
    const open = (): Promise<undefined> => {
      opened += 1;
      return Promise.resolve(undefined);
    };
    const { numbers } = await reading({ longestRangeMs: 10_000, open, isInOrderOfTime: true }, [3, 40]);
    assert.deepEqual([numbers, opened], [[], 4]);
  });

  test("looks as far as there may be footage where times are not in the order of ingest, and no further where they are", async () => {
    const latestMs = stored()[40]!.startMs.producer + 90_000;
    assert.equal((await reading({ latestMs }, [3, 40])).ranges.at(-1)?.toMs, latestMs);
    assert.equal((await reading({ latestMs, isInOrderOfTime: true }, [3, 40])).ranges.at(-1)?.toMs, stored()[40]!.startMs.producer);
  });

  test("looks before the position for footage that was sent late, where times are not in the order of ingest", async () => {
    const { startMs } = stored()[3]!;
    const [late, inOrder] = [await reading({}, [3, 40]), await reading({ isInOrderOfTime: true }, [3, 40])];
    assert.equal(inOrder.ranges[0]!.fromMs - late.ranges[0]!.fromMs, 120_000);
    assert.ok(inOrder.ranges[0]!.fromMs <= startMs.producer);
  });

  test("does not look through the years over which a clock was set, in either direction", async () => {
    const years = 40 * 365 * 86_400_000;
    for (const untilByMs of [-years, years]) {
      const { ranges, numbers } = await reading({ untilByMs }, [3, 40]);
      assert.equal(ranges.length, 2);
      assert.deepEqual(numbers, between(3, 40), "what was sent before it was set comes, and first");
    }
  });

  test("asks for both sides of the ends when the clock was set back meanwhile", async () => {
    const { ranges, numbers } = await reading({}, [40, 3]);
    assert.deepEqual(numbers, []);
    const [range] = ranges;
    assert.ok(range && range.fromMs < stored()[3]!.startMs.producer - 60_000 && range.toMs > stored()[40]!.startMs.producer + 60_000);
  });
});
