import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HLSStreamError } from "../../src/core/errors.js";
import type { ArchiveSupply } from "../../src/hls/archive.js";
import type { FetchedFragment } from "../../src/hls/fetcher.js";
import { Follower, type FollowOptions } from "../../src/hls/follower.js";
import { SessionReader } from "../../src/hls/reader.js";
import { positionAfter } from "../../src/hls/selection.js";
import { EVERYTHING } from "../helpers/everything.js";
import { failsWith, failureOf, openDownloader } from "../helpers/http-reading.js";
import { STREAM_START } from "../helpers/playlist-text.js";
import { FRAGMENT_MS, numberOf, playScript, type HlsScript, type ScriptedHls } from "../helpers/scripted-hls.js";

const startOf = (place: number): number => STREAM_START + place * FRAGMENT_MS;
const after = (place: number) => positionAfter({ number: numberOf(place), startMs: startOf(place), durationMs: FRAGMENT_MS });

interface Followed {
  readonly hls: ScriptedHls;
  /** Places of the fragments that came, gaps and losses, in order: "1", "gap 2-4 window", "lost 5 HTTP_STATUS". */
  readonly log: string[];
  readonly fragments: FetchedFragment[];
  readonly run: () => Promise<void>;
}

async function following(script: HlsScript, options: Partial<FollowOptions>, use: (followed: Followed) => Promise<void>): Promise<void> {
  await using hls = await playScript(script);
  using downloader = openDownloader();
  const log: string[] = [];
  const fragments: FetchedFragment[] = [];
  const placeAt = (ms: number): number => (ms - STREAM_START) / FRAGMENT_MS;
  const follower = new Follower({
    sessions: hls.sessions,
    reader: new SessionReader(downloader),
    archive: undefined,
    parallel: 4,
    position: undefined,
    maxLagMs: undefined,
    isLeisurely: false,
    plan: EVERYTHING,
    onSkipped: () => assert.fail(),
    signal: new AbortController().signal,
    onGap: ({ fromMs, toMs, cause }) => log.push(`gap ${placeAt(fromMs)}-${placeAt(toMs)} ${cause}`),
    onLost: ({ startMs }, { code }) => log.push(`lost ${placeAt(startMs)} ${code}`),
    onIdle: () => undefined,
    ...options,
  });
  const run = async (): Promise<void> => {
    for await (const fragment of follower.fragments()) {
      log.push(String(placeAt(fragment.ref.startMs)));
      fragments.push(fragment);
    }
  };
  await use({ hls, log, fragments, run });
}

describe("a follower", { concurrency: true }, () => {
  test("begins with the newest and yields each fragment once and in order, over a sliding list", () =>
    following({ lists: [[1, 2, 3], [1, 2, 3], [2, 3, 4], [4, 5, 6], [5, 6, 7]] }, {}, async ({ log, fragments, hls, run }) => {
      await run();
      assert.deepEqual(log, ["3", "4", "5", "6", "7"]);
      assert.deepEqual(fragments.map(({ body, init }) => [String(body), String(init)]), [3, 4, 5, 6, 7].map((place) => [`body ${place}`, "init"]));
      assert.equal(hls.count("MP4MediaFragment"), 5);
    }));

  test("goes on after a position, from a list that still reaches back to it", () =>
    following({ lists: [[1, 2, 3, 4]] }, { position: after(1) }, async ({ log, run }) => {
      await run();
      assert.deepEqual(log, ["2", "3", "4"]);
    }));

  test("asks the archive once for what the list slid past, and takes what is listed although the archive lacks it", async () => {
    const ranges: { fromMs: number; toMs: number }[] = [];
    const archive: ArchiveSupply = {
      longestRangeMs: 86_400_000,
      isInOrderOfTime: false,
      fragmentsListed: 1000,
      open: (range) => {
        ranges.push(range);
        return Promise.resolve(undefined);
      },
      keptSince: () => Promise.resolve(-Infinity),
    };
    await following({ lists: [[1], [5, 6], [5, 6], [6, 7]] }, { archive }, async ({ log, run }) => {
      await run();
      assert.deepEqual(log, ["1", "gap 2-5 offline", "5", "6", "7"]);
    });
    assert.equal(ranges.length, 1);
  });

  test("takes a fragment again that was taken in part", () =>
    following({ lists: [[1, 2, 3]] }, { position: { ...after(2), isPartial: true } }, async ({ log, run }) => {
      await run();
      assert.deepEqual(log, ["2", "3"]);
    }));

  test("reports what the list slid past before the fragment that follows it", () =>
    following({ lists: [[1], [5, 6]] }, {}, async ({ log, run }) => {
      await run();
      assert.deepEqual(log, ["1", "gap 2-5 window", "5", "6"]);
    }));

  test("skips to the newest when it lags too much, and says so", () =>
    following({ lists: [[1], [2, 3, 4, 5]] }, { maxLagMs: 2 * FRAGMENT_MS }, async ({ log, run }) => {
      await run();
      assert.deepEqual(log, ["1", "gap 2-5 lag", "5"]);
    }));

  test("renews a session that ends in the middle of a list, and loses or repeats nothing", () =>
    following({ lists: [[1], [2, 3, 4], [2, 3, 4, 5]], refuse: ({ token, place }) => (token === "s1" && place === 3 ? 403 : undefined) }, {}, async ({ log, hls, run }) => {
      await run();
      assert.deepEqual(log, ["1", "2", "3", "4", "5"]);
      assert.deepEqual(hls.expired, ["s1"]);
      assert.equal(hls.count("fragment 2"), 1);
    }));

  for (const route of ["HLSMasterPlaylist", "HLSMediaPlaylist", "MP4InitFragment"]) {
    test(`renews a session that is refused at its ${route}`, () =>
      following({ lists: [[1], [1, 2]], refuse: (asked) => (asked.route === route && asked.token === "s1" ? 401 : undefined) }, {}, async ({ log, hls, run }) => {
        await run();
        assert.deepEqual([log.at(-1), hls.expired], ["2", ["s1"]]);
      }));
  }

  test("does not open sessions for ever when every new one is refused", () =>
    following({ lists: [[1, 2]], neverEnds: true, refuse: ({ route }) => (route === "MP4MediaFragment" ? 403 : undefined) }, {}, async ({ hls, run }) => {
      await failsWith(run(), "SESSION_EXPIRED", true);
      assert.deepEqual(hls.expired, ["s1", "s2"]);
    }));

  test("does not add up refusals between which a list was read to its end, though it brought nothing new", () => {
    const everyOther: HlsScript["refuse"] = ({ route, times }) => (route === "HLSMediaPlaylist" && times % 2 === 0 && times <= 8 ? 403 : undefined);
    return following({ lists: [[1], [1], [1], [1], [1], [1, 2]], refuse: everyOther }, {}, async ({ log, hls, run }) => {
      await run();
      assert.deepEqual([log, hls.expired.length], [["1", "2"], 4]);
    });
  });

  test("does not add up refusals between which a fragment came", () => {
    const oneEach: HlsScript["refuse"] = ({ place, token }) => (place !== undefined && place > Number(token.slice(1)) ? 403 : undefined);
    return following({ lists: [[1], ...Array.from({ length: 5 }, () => [1, 2, 3, 4, 5, 6])], refuse: oneEach }, {}, async ({ log, hls, run }) => {
      await run();
      assert.deepEqual([log, hls.expired.length], [["1", "2", "3", "4", "5", "6"], 5]);
    });
  });

  test("goes on after one fragment that cannot be had, and reports it", () =>
    following({ lists: [[1], [2, 3, 4]], refuse: ({ place }) => (place === 3 ? 404 : undefined) }, {}, async ({ log, hls, run }) => {
      await run();
      assert.deepEqual(log, ["1", "2", "lost 3 HTTP_STATUS", "4"]);
      assert.equal(hls.count("fragment 3"), 8, "once more after the next one could be had");
      assert.equal(hls.count("fragment 4"), 1, "which is not fetched twice");
    }));

  test("takes a fragment that can be had after all, once others can", () => {
    const untilOther: HlsScript["refuse"] = ({ place, times }) => (place === 3 && times <= 6 ? 500 : undefined);
    return following({ lists: [[1], [2, 3, 4]], refuse: untilOther }, {}, async ({ log, run }) => {
      await run();
      assert.deepEqual(log, ["1", "2", "3", "4"]);
    });
  });

  test("does not blame a fragment when no other can be had either", () =>
    following({ lists: [[1], [2, 3, 4]], refuse: ({ place }) => (place !== undefined && place > 1 ? 503 : undefined) }, {}, async ({ log, run }) => {
      await failsWith(run(), "HTTP_STATUS", true);
      assert.deepEqual(log, ["1"]);
    }));

  test("asks for the newest fragment again with the next lists before it fails", () =>
    following({ lists: [[1], [1, 2]], neverEnds: true, refuse: ({ place }) => (place === 2 ? 500 : undefined) }, {}, async ({ log, hls, run }) => {
      await failsWith(run(), "HTTP_STATUS", true);
      assert.deepEqual([log, hls.count("fragment 2")], [["1"], 12]);
    }));

  test("reports a gap also when the fragment after it cannot be had", () =>
    following({ lists: [[1], [5, 6]], refuse: ({ place }) => (place === 5 ? 410 : undefined) }, {}, async ({ log, run }) => {
      await run();
      assert.deepEqual(log, ["1", "gap 2-5 window", "lost 5 HTTP_STATUS", "6"]);
    }));

  test("fails when three in a row cannot be had", () =>
    following({ lists: [[1], [2, 3, 4, 5]], refuse: ({ place }) => (place !== undefined && place > 1 ? 410 : undefined) }, {}, async ({ log, run }) => {
      await failsWith(run(), "HTTP_STATUS", false);
      assert.deepEqual(log, ["1", "lost 2 HTTP_STATUS", "lost 3 HTTP_STATUS"]);
    }));

  test("tells of every load without news how long there was none, and may be ended so", () => {
    const idle: number[] = [];
    const enough = new Error("waited enough");
    const onIdle = (idleMs: number): void => {
      idle.push(idleMs);
      if (idle.length === 3) throw enough;
    };
    return following({ lists: [[1]], neverEnds: true }, { onIdle }, async ({ log, run }) => {
      assert.equal(await failureOf(run()), enough);
      assert.deepEqual(log, ["1"]);
      assert.ok(idle.every((ms, load) => ms > (idle[load - 1] ?? 0)), idle.join());
    });
  });

  test("waits through an empty list", () =>
    following({ lists: [[], [], [1]] }, {}, async ({ log, run }) => {
      await run();
      assert.deepEqual(log, ["1"]);
    }));

  test("ends with the signal's own reason while it waits for news", () => {
    const controller = new AbortController();
    const reason = new HLSStreamError("told to stop", { code: "TIMEOUT" });
    const onIdle = (): void => void setTimeout(() => controller.abort(reason), 20);
    return following({ lists: [[1]], neverEnds: true }, { signal: controller.signal, onIdle }, async ({ log, run }) => {
      assert.equal(await failureOf(run()), reason);
      assert.deepEqual(log, ["1"]);
    });
  });
});
