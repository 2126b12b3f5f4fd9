import { DEFAULT_PRICE_PER_GB } from "../../source/probe/cost.js";
import { duration, number, positiveDuration } from "../flag-values.js";
import { configFlags, flag, streamFlags, switchFlag, type FlagGroup, type StreamFlags } from "../flags.js";

export interface ProbeFlags extends Pick<StreamFlags, "streamName" | "streamArn" | "region" | "profile" | "endpointUrl"> {
  /** Seconds. */
  readonly window?: number;
  readonly pricePerGb?: number;
  readonly timeout?: number;
  readonly json?: boolean;
  readonly check?: boolean;
  readonly maxLatency?: number;
  readonly minFps?: number;
  readonly maxGap?: number;
}

/** A probe decodes nothing, looks at both clocks, and has a time limit of its own. */
const OF_OTHERS = new Set(["cameraId", "clock", "ffmpeg", "timeout"]);

export function probeFlags(): FlagGroup[] {
  const { heading, options } = streamFlags();
  return [
    { heading, options: options.filter((option) => !OF_OTHERS.has(option.attributeName())) },
    {
      heading: "Probe:",
      options: [
        flag("--window <time>", "how far back to look for gaps, up to 24h (default: 5m)", positiveDuration),
        flag("--price-per-gb <usd>", `price of a gigabyte read by HLS (default: ${DEFAULT_PRICE_PER_GB}, us-east-1's as AWS's examples had it in 2026)`, number),
        flag("--timeout <time>", "time limit of the whole probe (default: 20s)", positiveDuration),
        switchFlag("--json", "one JSON object on stdout instead of the report"),
      ],
    },
    {
      heading: "Monitoring:",
      options: [
        switchFlag("--check", "let the exit code tell how the stream is"),
        flag("--max-latency <time>", "longest time from a fragment's end to its being listed; implies --check", duration),
        flag("--min-fps <number>", "fewest frames a second; implies --check", number),
        flag("--max-gap <time>", "longest gap within the window; implies --check", duration),
      ],
    },
    configFlags(),
  ];
}
