import type { FaultInput } from "../../src/emulator/index.js";

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const API = ["GetDataEndpoint", "GetHLSStreamingSessionURL", "DescribeStream"];
const HLS = ["GetHLSMasterPlaylist", "GetHLSMediaPlaylist", "GetMP4InitFragment", "GetMP4MediaFragment"];

export interface Drawing {
  readonly faults: FaultInput[];
  /** Life of a session, seconds; undefined: as long as asked for. */
  readonly sessionSeconds: number | undefined;
}

/** Draws what goes wrong in a run: two to seven faults between `fromMs` and `toMs` of it. */
export function drawFaults(seed: number, { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): Drawing {
  const random = randomNumbers(seed);
  const whole = (min: number, max: number): number => min + Math.floor(random() * (max - min + 1));
  const oneOf = <T>(values: readonly T[]): T => values[whole(0, values.length - 1)]!;
  const ms = (min: number, max: number): string => `${whole(min, max)}ms`;
  const at = (): string => ms(fromMs, toMs);
  const hits = () => ({ at: at(), for: ms(200, 2500), times: whole(1, 4) });
  const kinds: readonly (() => FaultInput)[] = [
    () => ({ kind: "status", ...hits(), operation: oneOf(API), status: oneOf([400, 429, 500, 503]) }),
    () => ({ kind: "status", ...hits(), operation: oneOf(HLS), status: oneOf([400, 401, 403, 404, 429, 500, 503]) }),
    () => ({ kind: "reset", ...hits(), operation: oneOf([...API, ...HLS]) }),
    () => ({ kind: "reset-body", ...hits(), operation: oneOf(HLS) }),
    () => ({ kind: "stall", ...hits(), operation: oneOf([...API, ...HLS]) }),
    () => ({ kind: "drip", ...hits(), bytesPerSecond: whole(1, 500) }),
    () => ({ kind: "truncate", ...hits(), operation: oneOf(HLS) }),
    () => ({ kind: "empty", ...hits(), operation: oneOf(HLS) }),
    () => ({ kind: "corrupt", ...hits(), bytes: whole(50, 2000), seed: whole(0, 1e6) }),
    () => ({ kind: "non-key", ...hits() }),
    () => ({ kind: "malformed", ...hits() }),
    () => ({ kind: "frozen", at: at(), for: ms(500, 4000) }),
    () => ({ kind: "jump", at: at(), for: ms(200, 3000) }),
    () => ({ kind: "expire", at: at() }),
    () => ({ kind: "revoke", at: at() }),
    () => ({ kind: "offline", at: at(), for: ms(300, 3000) }),
    () => ({ kind: "clock-step", at: at(), byMs: oneOf([-1, 1]) * whole(100, 5000) }),
    () => ({ kind: "resend", at: at(), ago: ms(2000, 6000), length: ms(500, 1500) }),
    () => ({ kind: "init", at: at() }),
  ];
  return { faults: Array.from({ length: whole(2, 7) }, () => oneOf(kinds)()), sessionSeconds: oneOf([undefined, undefined, 3, 8]) };
}
