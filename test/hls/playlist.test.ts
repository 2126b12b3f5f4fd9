import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { HLSStreamError, type ErrorCode } from "../../src/core/errors.js";
import { SessionUrl } from "../../src/core/session-url.js";
import { readMasterPlaylist, readMediaPlaylist } from "../../src/hls/playlist.js";
import { mediaList, numberOf, STREAM_START } from "../helpers/playlist-text.js";

const BASE = "https://b-12345678.kinesisvideo.eu-west-1.amazonaws.com/hls/v1/";
const url = new SessionUrl(`${BASE}getHLSMediaPlaylist.m3u8?SessionToken=CiBexample~&TrackNumber=1`);

const MASTER = `#EXTM3U
#EXT-X-VERSION:1
#EXT-X-MEDIA:AUTOSELECT=YES,FORCED=NO,TYPE=AUDIO,URI="getHLSMediaPlaylist.m3u8?SessionToken=CiBexample~&TrackNumber=2",GROUP-ID="audio",DEFAULT=NO,NAME="audio"
#EXT-X-STREAM-INF:CODECS="avc1.4d401f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=14.98,BANDWIDTH=1180422,AUDIO="audio"
getHLSMediaPlaylist.m3u8?SessionToken=CiBexample~&TrackNumber=1
`;

const LIVE = `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:3
#EXT-X-MEDIA-SEQUENCE:13
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="getMP4InitFragment.mp4?SessionToken=CiBexample~&TrackNumber=1&SequenceNumber=0"
#EXT-X-PROGRAM-DATE-TIME:2025-03-04T10:00:00.120Z
#EXTINF:2.004,
getMP4MediaFragment.mp4?FragmentNumber=91343852333180000000000000000000000000000000101&SessionToken=CiBexample~&TrackNumber=1
#EXT-X-DISCONTINUITY
#EXT-X-PROGRAM-DATE-TIME:2025-03-04T10:00:02.131Z
#EXTINF:1.998,
getMP4MediaFragment.mp4?FragmentNumber=91343852333180000000000000000000000000000000102&SessionToken=CiBexample~&TrackNumber=1
`;

const ON_DEMAND = `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="getMP4InitFragment.mp4?SessionToken=CiBexample~&TrackNumber=1&SequenceNumber=0"
#EXT-X-PROGRAM-DATE-TIME:2025-03-04T10:00:00.120Z
#EXTINF:2.663,
getMP4MediaFragment.mp4?FragmentNumber=91343852333180000000000000000000000000000000201&SessionToken=CiBexample~&TrackNumber=1
#EXT-X-ENDLIST
`;

function refused(read: () => unknown, code: ErrorCode = "MALFORMED_PLAYLIST"): void {
  assert.throws(read, (error) => {
    assert.ok(error instanceof HLSStreamError, inspect(error));
    assert.equal(error.code, code);
    assert.ok(!inspect(error, { depth: 9 }).includes("CiB"), "a token is in the error");
    return true;
  });
}

describe("a master playlist", () => {
  test("leads to the video, not to the sound", () => {
    assert.equal(readMasterPlaylist(MASTER, url).video.reveal().href, `${BASE}getHLSMediaPlaylist.m3u8?SessionToken=CiBexample~&TrackNumber=1`);
  });

  test("without a variant, or that is a media playlist, is malformed", () => {
    refused(() => readMasterPlaylist("#EXTM3U\n#EXT-X-VERSION:1\n", url));
    refused(() => readMasterPlaylist(LIVE, url));
    refused(() => readMasterPlaylist(MASTER.split("\n").slice(0, -2).join("\n"), url));
  });

  test("that leads to another server is refused", () => {
    refused(() => readMasterPlaylist(MASTER.replace(/^getHLS/m, "https://evil.example/getHLS"), url), "FOREIGN_ORIGIN");
  });
});

describe("a media playlist", () => {
  test("of a live session gives number, start, length and places of each fragment", () => {
    const { fragments, isEnded } = readMediaPlaylist(LIVE, url);
    assert.equal(isEnded, false);
    assert.deepEqual(
      fragments.map(({ number, startMs, durationMs }) => [number, startMs, durationMs]),
      [
        ["91343852333180000000000000000000000000000000101", STREAM_START + 120, 2004],
        ["91343852333180000000000000000000000000000000102", STREAM_START + 2131, 1998],
      ],
    );
    assert.equal(fragments[1]?.url.reveal().href, `${BASE}getMP4MediaFragment.mp4?FragmentNumber=91343852333180000000000000000000000000000000102&SessionToken=CiBexample~&TrackNumber=1`);
    for (const { initUrl } of fragments) assert.equal(initUrl.reveal().href, `${BASE}getMP4InitFragment.mp4?SessionToken=CiBexample~&TrackNumber=1&SequenceNumber=0`);
  });

  test("of a stored range ends, also with a discontinuity and no fragment before its end", () => {
    for (const text of [ON_DEMAND, ON_DEMAND.replace("#EXT-X-ENDLIST", "#EXT-X-DISCONTINUITY\n#EXT-X-ENDLIST")]) {
      const { fragments, isEnded } = readMediaPlaylist(text, url);
      assert.deepEqual([fragments.length, fragments[0]?.durationMs, isEnded], [1, 2663, true]);
    }
  });

  test("gives each fragment the init segment named last before it", () => {
    const changed = LIVE.replace("#EXT-X-PROGRAM-DATE-TIME:2025-03-04T10:00:02", '#EXT-X-MAP:URI="getMP4InitFragment.mp4?SessionToken=CiBexample~&TrackNumber=1&SequenceNumber=1"\n$&');
    assert.deepEqual(readMediaPlaylist(changed, url).fragments.map(({ initUrl }) => initUrl.parameter("SequenceNumber")), ["0", "1"]);
  });

  test("without fragments is empty, not broken", () => {
    assert.deepEqual(readMediaPlaylist(mediaList([]), url), { fragments: [], isEnded: false });
  });

  test("takes lengths of zero and with trailing zeros cut, as the service writes them", () => {
    const lengths = ["0", "0.0", "5.0", "3.3", "1.01", "2.663"].map((text) => readMediaPlaylist(ON_DEMAND.replace("2.663", text).replace("DURATION:4", "DURATION:5"), url).fragments[0]?.durationMs ?? -1);
    assert.deepEqual(lengths.map(Math.round), [0, 0, 5000, 3300, 1010, 2663]);
  });

  test("without fragment numbers falls back to their start times", () => {
    assert.deepEqual(readMediaPlaylist(LIVE.replace(/FragmentNumber=\d+&/g, ""), url).fragments.map(({ number }) => number), [String(STREAM_START + 120), String(STREAM_START + 2131)]);
  });

  test("ends its lines in any way", () => {
    assert.deepEqual(readMediaPlaylist(LIVE.replaceAll("\n", "\r\n"), url).fragments.map(({ number }) => number), [numberOf(1), numberOf(2)]);
  });

  test("without times, init segment or lengths is malformed", () => {
    refused(() => readMediaPlaylist(LIVE.replace(/#EXT-X-PROGRAM.*\n/, ""), url));
    refused(() => readMediaPlaylist(LIVE.replace(/DATE-TIME:.*Z/, "DATE-TIME:soon"), url));
    refused(() => readMediaPlaylist(LIVE.replace(/#EXT-X-MAP.*\n/, ""), url));
    refused(() => readMediaPlaylist(LIVE.replace(/#EXTINF.*\n/, ""), url));
    refused(() => readMediaPlaylist(LIVE.replace("2.004", "-2.004"), url));
  });

  test("that is an html page, JSON, empty or a master playlist is malformed", () => {
    for (const text of ["", "\n", "<html><body>SessionToken=CiBexample~</body></html>", '{"Message":"CiBexample~"}', "#EXTM3UX", MASTER]) refused(() => readMediaPlaylist(text, url));
  });

  test("that leads to another server is refused, for fragments and init segments", () => {
    refused(() => readMediaPlaylist(LIVE.replace(/^getMP4Media/m, "//evil.example/getMP4Media"), url), "FOREIGN_ORIGIN");
    refused(() => readMediaPlaylist(LIVE.replace('URI="get', 'URI="https://evil.example/get'), url), "FOREIGN_ORIGIN");
  });

  test("with lines cut, doubled or swapped is read or refused, and never anything else", () => {
    const lines = LIVE.split("\n");
    for (let at = 0; at < lines.length; at++) {
      const line = lines[at] ?? "";
      for (const instead of [[], [line, line], [line.slice(0, 20)], ["#EXT-X-KEY:METHOD=NONSENSE,IV=0x1"], ["#EXTINF:NaN,"]]) {
        try {
          readMediaPlaylist([...lines.slice(0, at), ...instead, ...lines.slice(at + 1)].join("\n"), url);
        } catch (error) {
          assert.ok(error instanceof HLSStreamError && !inspect(error, { depth: 9 }).includes("CiB"), inspect(error));
        }
      }
    }
  });

  test("with times that no camera has is malformed", () => {
    const first = "2025-03-04T10:00:00.120Z";
    for (const time of ["1969-12-31T23:59:59Z", "2101-01-01T00:00:00Z", "+275760-09-13T00:00:00Z", "-000001-01-01T00:00:00Z", "NaN", ""]) refused(() => readMediaPlaylist(LIVE.replace(first, time), url));
    for (const time of ["1970-01-01T00:00:00Z", "2100-12-31T23:59:59Z"]) assert.equal(readMediaPlaylist(LIVE.replace(first, time), url).fragments.length, 2);
    for (const length of ["-1", "3600.5", "1e999", "Infinity"]) refused(() => readMediaPlaylist(LIVE.replace("2.004", length), url));
    for (const length of ["3600", "NaN", "soon"]) assert.equal(readMediaPlaylist(LIVE.replace("2.004", length), url).fragments.length, 2);
  });

  test("with a number that is none is malformed", () => {
    const number = numberOf(1);
    for (const other of ["", "-1", "1e9", "0x1", "1".repeat(129), "1".repeat(5000), "%F0%9F%92%A9", "٣"]) refused(() => readMediaPlaylist(LIVE.replace(number, other), url));
    assert.equal(readMediaPlaylist(LIVE.replace(number, "9".repeat(128)), url).fragments.length, 2);
  });

  test("gives a fragment that is listed twice once, in its first place", () => {
    for (const again of [numberOf(1), `0${numberOf(1)}`]) {
      const { fragments } = readMediaPlaylist(LIVE.replace(numberOf(2), again), url);
      assert.deepEqual(fragments.map(({ startMs }) => startMs), [STREAM_START + 120]);
    }
  });

  test("of more lines, or of longer ones, than the service writes is malformed", () => {
    const places = (count: number): number[] => Array.from({ length: count }, (_, place) => place);
    refused(() => readMediaPlaylist(`${mediaList(places(1))}${"\n".repeat(30_000)}`, url));
    refused(() => readMediaPlaylist(mediaList(places(100_000)), url));
    refused(() => readMediaPlaylist(`${mediaList(places(1))}#${"x".repeat(8192)}\n`, url));
    assert.equal(readMediaPlaylist(`${mediaList(places(1))}#${"x".repeat(8191)}\n`, url).fragments.length, 1);
    refused(() => readMasterPlaylist(`${MASTER}${MASTER.slice(8).repeat(50)}`, url));
  });

  const TAGS = ['#EXT-X-DATERANGE:ID="a",CLASS="c",START-DATE="2025-03-04T10:00:00Z",DURATION=1', '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a"', '#EXT-X-SESSION-DATA:DATA-ID="1"', '#EXT-X-I-FRAME-STREAM-INF:URI="x"', "#EXT-X-KEY:METHOD=AES-128,IV=0x1", '#EXT-X-PART:URI="x",DURATION=1', "#EXT-X-STREAM-INF:BANDWIDTH=1", ' #EXT-X-DATERANGE :ID="a",CLASS="c",START-DATE="2025-03-04T10:00:00Z"'];
  for (const tag of TAGS) {
    test(`with ten thousand of ${tag.split(":")[0]} is read or refused in a moment`, () => {
      const startedAt = performance.now();
      for (const list of [LIVE, MASTER]) {
        for (const read of [readMasterPlaylist, readMediaPlaylist]) {
          try {
            read(`${list}${`${tag}\nx\n`.repeat(10_000)}`, url);
          } catch (error) {
            assert.ok(error instanceof HLSStreamError, inspect(error));
          }
        }
      }
      assert.ok(performance.now() - startedAt < 2000, `${performance.now() - startedAt} ms`);
    });
  }

  for (const [what, text] of [["line feeds", "\n".repeat(4e6)], ["spaces", `\n${" ".repeat(4e6)}`], ["quotes", `#EXT-X-MAP:${"\"'".repeat(4000)}\n`.repeat(500)], ["commas", `#EXT-X-MAP:${",".repeat(8000)}\n`.repeat(500)], ["escapes", `#EXTINF:1,${"%41".repeat(2700)}\n`.repeat(500)]] as const) {
    test(`full of ${what} is read or refused in a moment`, () => {
      const startedAt = performance.now();
      assert.throws(() => readMediaPlaylist(`${LIVE}${text}x`, url), HLSStreamError);
      assert.ok(performance.now() - startedAt < 2000, `${performance.now() - startedAt} ms`);
    });
  }

  test("of five thousand fragments is read in a moment", () => {
    const text = mediaList(Array.from({ length: 5000 }, (_, place) => place));
    const startedAt = performance.now();
    assert.equal(readMediaPlaylist(text, url).fragments.length, 5000);
    assert.ok(performance.now() - startedAt < 3000);
  });
});
