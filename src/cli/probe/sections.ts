import { isoTime } from "../../core/time.js";
import type { VideoDescription } from "../../media/description.js";
import { reason } from "../../source/probe/access-findings.js";
import type { CallFacts, CostLine, CoverageFacts, PictureFacts, ProbeFacts, Spread, StreamFacts } from "../../source/probe/facts.js";
import { readable } from "../../source/probe/words.js";

export type Row = readonly [label: string, value: string];

export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** The facts in words; what is not known has no row. */
export function sections(facts: ProbeFacts): Section[] {
  const { stream, calls, session, video, pictures, coverage, cost, quota } = facts;
  return [
    { title: "Stream", rows: stream ? streamRows(stream, facts.probedAt) : [] },
    { title: "Calls", rows: calls.map(callRow) },
    { title: "Video", rows: [...(video ? videoRows(video, session?.codecs ?? []) : []), ...(pictures ? pictureRows(pictures) : [])] },
    { title: `Fragments of the last ${readable(facts.windowMs)}`, rows: coverage ? coverageRows(coverage, facts) : [] },
    { title: "Time", rows: timeRows(facts) },
    {
      title: "A day's reading",
      rows: cost === null ? [] : [
        ["every frame", costText(cost.everyFrame)],
        ["key frames", `${costText(cost.keyFrames)}, by pull --sampling keyframe`],
        ["1 frame a minute", `${costText(cost.oneAMinute)}, at most`],
        ["price", `${cost.pricePerGb} USD per GB by HLS, traffic out of AWS not counted`],
      ],
    },
    {
      title: "Quotas, as far as one reader goes",
      rows: quota === null ? [] : [
        ["fragments", `${figure(quota.fragmentsPerSecond)} a second, of ${quota.fragmentLimit} allowed in a session`],
        ["playlists", `${figure(quota.playlistsPerSecond)} a second, of ${quota.playlistLimit} allowed in a session`],
        ["archive", `read at up to ${figure(quota.catchUp)} times the speed of its recording`],
      ],
    },
  ];
}

const figure = (value: number): string => String(Number(value.toPrecision(3)));
const spreadText = ({ min, median, max }: Spread): string => (readable(min) === readable(max) ? readable(median) : `${readable(min)} to ${readable(max)}, ${readable(median)} in the middle`);

function streamRows({ status, retentionHours, mediaType, encryptionKey, arn, createdAt }: StreamFacts, now: number): Row[] {
  const rows: readonly (readonly [string, string | null])[] = [
    ["status", status],
    ["keeps", retentionHours === null ? null : `${retentionHours} h`],
    ["media type", mediaType],
    ["created", createdAt === null ? null : `${isoTime(createdAt)}, ${readable(now - createdAt)} ago`],
    ["key", encryptionKey],
    ["ARN", arn],
  ];
  return rows.filter((row): row is Row => row[1] !== null);
}

function callRow({ api, count, ms, error }: CallFacts): Row {
  const took = `${readable(Math.round(ms))}${count > 1 ? ` each, ${count} times` : ""}`;
  return [api, error === null ? `ok, ${took}` : `${reason(error)}, ${took}`];
}

function videoRows({ codec, profile, level, width, height, pixelAspect, colour, rotation }: VideoDescription, [, ...sound]: readonly string[]): Row[] {
  const aspect = pixelAspect ?? { width: 1, height: 1 };
  const names = [colour?.matrix, colour?.primaries, colour?.transfer];
  const isUniform = new Set(names).size === 1;
  return [
    ["codec", `${codec === "h264" ? "H.264" : "H.265"} ${profile ?? "of an unknown profile"}${level === undefined ? "" : `, level ${level}`}`],
    ["size", `${width}x${height}, ${aspect.width === aspect.height ? "square pixels" : `pixels ${aspect.width}:${aspect.height}`}${rotation === 0 ? "" : `, to be turned by ${rotation} degrees`}`],
    ["colour", colour?.matrix === undefined ? "not said" : `${isUniform ? colour.matrix : names.map((name) => name ?? "unknown").join("/")}, ${colour.range === "pc" ? "full" : "limited"} range`],
    ["sound", sound.length > 0 ? sound.map((name) => (name.startsWith("mp4a.40") ? `AAC (${name})` : name)).join(", ") : "none"],
  ];
}

function pictureRows({ fps, isVariableRate, intervalJitterMs, keyIntervalMs, isReordered, reorderDepth, bitsPerSecond, fragments, pictures }: PictureFacts): Row[] {
  return [
    ["frame rate", `${fps.toFixed(2)} fps, ${isVariableRate ? `variable by ${readable(intervalJitterMs)}` : "steady"}; ${pictures} pictures measured`],
    ...(keyIntervalMs ? [["key frames", `${spreadText(keyIntervalMs)} apart`] as const] : []),
    ["B-frames", isReordered ? `yes, ${reorderDepth} held back` : "none"],
    ["bit rate", `${figure(bitsPerSecond / 1e6)} Mbit/s over ${fragments} fragments`],
  ];
}

function coverageRows({ fragments, fragmentMs, gaps, overlaps, storedBitsPerSecond, source }: CoverageFacts, { session }: ProbeFacts): Row[] {
  const longest = (stretches: CoverageFacts["gaps"]): string =>
    stretches.length === 0 ? "none" : `${stretches.length}, the longest ${readable(Math.max(...stretches.map(({ lengthMs }) => lengthMs)))}`;
  return [
    ["fragments", `${fragments}${source === "index" ? "" : " of the live list alone"}`],
    ["length", spreadText(fragmentMs)],
    ["gaps", longest(gaps)],
    ["overlaps", longest(overlaps)],
    ...(storedBitsPerSecond === null ? [] : [["stored", `${figure(storedBitsPerSecond / 1e6)} Mbit/s with all tracks`] as const]),
    ...(session ? [[session.mode === "live" ? "live list" : "last list", `${session.fragmentsListed} fragments, ${readable(session.listedMs)}`] as const] : []),
  ];
}

function timeRows({ clock, latency }: ProbeFacts): Row[] {
  const most = latency?.isExact === false ? "at most " : "";
  const rows: Row[] = [];
  if (clock) {
    rows.push(["camera's clock", `${readable(Math.abs(clock.skewMs))} ${clock.skewMs > 0 ? "ahead of" : "behind"} the service's, give or take ${readable(clock.jitterMs)}`]);
    if (clock.driftPpm !== null && clock.driftErrorPpm !== null) rows.push(["drift", `${figure(clock.driftPpm)} ppm, give or take ${figure(clock.driftErrorPpm)}`]);
  }
  if (latency) {
    rows.push(["fragment's end", `${most}${readable(latency.totalMs)} before it is listed`]);
    if (latency.cameraToServiceMs !== null) rows.push(["camera to KVS", readable(latency.cameraToServiceMs)]);
    if (latency.serviceToUsMs !== null) rows.push(["KVS to us", `${most}${readable(latency.serviceToUsMs)}`]);
  }
  return rows;
}

const costText = ({ bytesPerDay, pricePerDay }: CostLine): string => `${figure(bytesPerDay / 1e9)} GB, ${Number(pricePerDay.toFixed(pricePerDay < 0.1 ? 5 : 2))} USD`;
