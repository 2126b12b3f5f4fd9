import { growth, slopePerHour, warm } from "./statistics.mjs";

/** The service's limits, requests a second of one session. */
const PLAYLISTS_A_SECOND = 5;
const FRAGMENTS_A_SECOND = 10;
const SLOPE_MB = 2;
/** In a shorter run the slope says nothing: what the garbage collector leaves for later outweighs it. */
const SLOPE_FROM_SECONDS = 900;
/** Connections come and go with sessions. */
const DESCRIPTORS_MAY_VARY = 2;
/** A fragment is listed when it is complete, and then has to be noticed, fetched and decoded. */
const NEWEST_WITHIN_MS = 10_000;
/** A session is replaced with the first request after its time, and requests are a fragment apart. */
const REPLACED_WITHIN_SECONDS = 3;
const STOPPED = 143;
/** How the emulator refuses the token of a session that is over. */
const EXPIRED = /^403 /;

const exactly = (name, seen, wanted) => ({ name, seen, wanted, isOk: seen === wanted });
const atMost = (name, seen, limit, shown = seen) => ({ name, seen: shown, wanted: `at most ${limit}`, isOk: seen <= limit });

/** What a run came to, beside what it should have: { name, seen, wanted, isOk } each. */
export function checksOf(scenario, run) {
  return [...frameChecks(run), ...connectionChecks(scenario, run), ...requestChecks(run), ...resourceChecks(run), ...endChecks(scenario, run)];
}

function frameChecks({ frames, newestAgeMs }) {
  return [
    { name: "frames", seen: frames.frames, wanted: "some", isOk: frames.frames > 0 },
    ...["lost", "repeated", "outOfOrder", "unknown"].map((kind) => exactly(NAMES[kind], frames[kind], 0)),
    exactly(`times wrong by over 1 ms (largest error ${frames.largestErrorMs.toFixed(2)} ms)`, frames.wrongTime, 0),
    atMost("age of the newest frame at the end, ms", newestAgeMs, NEWEST_WITHIN_MS),
  ];
}

const NAMES = { lost: "frames lost", repeated: "frames repeated", outOfOrder: "frames out of order", unknown: "frames that the camera did not send" };

function connectionChecks({ servesSeconds }, { summary, elapsedSeconds, decoderStarts, stateChanges }) {
  const [least, most] = [Math.floor(elapsedSeconds / (servesSeconds + REPLACED_WITHIN_SECONDS)), Math.ceil(elapsedSeconds / servesSeconds)];
  const refreshes = summary?.urlRefreshes;
  return [
    exactly("gaps", summary?.gaps, 0),
    exactly("reconnects", summary?.reconnects, 0),
    { name: "urlRefreshes", seen: refreshes, wanted: `${least} to ${most}`, isOk: refreshes >= least && refreshes <= most },
    exactly("decoder starts", decoderStarts, 1),
    exactly("changes of state once connected", stateChanges.join(", ") || "none", "none"),
  ];
}

function requestChecks({ requests: { peaks, refused, opened }, summary }) {
  const expired = [...refused].filter(([what]) => EXPIRED.test(what));
  const others = [...refused].filter(([what]) => !EXPIRED.test(what));
  const list = (counts) => counts.map(([what, count]) => `${count} × ${what}`).join(", ") || "none";
  return [
    exactly("sessions opened", opened, summary && summary.urlRefreshes + 1),
    { name: "requests refused for an expired session", seen: list(expired), wanted: "any", isOk: true },
    exactly("other requests refused", list(others), "none"),
    atMost("most playlist requests of a session in a second", peaks.get("GetHLSMediaPlaylist") ?? 0, PLAYLISTS_A_SECOND),
    atMost("most fragment requests of a session in a second", peaks.get("GetMP4MediaFragment") ?? 0, FRAGMENTS_A_SECOND),
  ];
}

function resourceChecks({ samples, elapsedSeconds }) {
  const settled = warm(samples);
  const { slope, error } = slopePerHour(settled, ({ rssMb }) => rssMb);
  const shown = `${slope.toFixed(2)} ± ${error.toFixed(2)}`;
  const isLong = elapsedSeconds >= SLOPE_FROM_SECONDS;
  const growthOf = (key) => growth(settled.map((sample) => sample[key]));
  return [
    isLong ? atMost("slope of RSS, MB an hour", slope, SLOPE_MB, shown) : { name: "slope of RSS, MB an hour", seen: shown, wanted: `judged from ${SLOPE_FROM_SECONDS / 60} minutes on`, isOk: true },
    atMost("growth of descriptors", growthOf("descriptors"), DESCRIPTORS_MAY_VARY),
    atMost("growth of children", growthOf("children"), 0),
  ];
}

function endChecks({ isPiped }, { exitCode, pipedBytes, frames, summary }) {
  const ended = [exactly("exit code after SIGTERM", exitCode, STOPPED), exactly("frames by the summary", summary?.frames, frames.frames)];
  return isPiped ? [...ended, exactly("bytes on stdout", pipedBytes, frames.bytes)] : ended;
}
