import type { Fragment } from "@aws-sdk/client-kinesis-video-archived-media";
import { FrameSourceError } from "../core/errors.js";
import type { Clock } from "../core/frame.js";
import type { StoredFragment } from "../core/stored-fragment.js";
import type { FragmentsRequest, KvsApi } from "./api.js";
import { explainAbsence } from "./absence.js";
import { pause, retryingBriefly } from "./retries.js";

/** Compared with the start of a fragment, both inclusive: Unix epoch, milliseconds. */
export interface StoredRange {
  readonly clock: Clock;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The service answers five a second and stream. */
const REQUESTS_APART_MS = 220;
const PAGE = 1000;

/** The service's own index of what a stream has stored: both clocks, sizes and lengths, without a byte of media. */
export class FragmentIndex {
  #lastAskedAt = -Infinity;

  constructor(private readonly api: KvsApi) {}

  /**
   * The fragments of a range, by start on its clock.
   * @param onPage told of how many are known so far
   * @throws KVSConnectionError, or the signal's reason
   */
  async list(range: StoredRange, signal: AbortSignal, onPage?: (count: number) => void): Promise<StoredFragment[]> {
    const fragments: StoredFragment[] = [];
    let NextToken: string | undefined;
    do {
      // The token stands for the whole of the first request.
      const request = NextToken === undefined ? { FragmentSelector: selectorOf(range) } : { NextToken };
      const page = await this.#page({ ...request, MaxResults: PAGE }, signal);
      fragments.push(...page.fragments);
      NextToken = page.next;
      onPage?.(fragments.length);
    } while (NextToken !== undefined);
    // The service promises no order, not even over pages.
    return fragments.sort((a, b) => a.startMs[range.clock] - b.startMs[range.clock]);
  }

  /**
   * Whether nothing is stored in a range, in a single request.
   * @throws KVSConnectionError, or the signal's reason
   */
  async isEmpty(range: StoredRange, signal: AbortSignal): Promise<boolean> {
    const { fragments, next } = await this.#page({ FragmentSelector: selectorOf(range), MaxResults: 1 }, signal);
    return fragments.length === 0 && next === undefined;
  }

  async #page(request: FragmentsRequest, signal: AbortSignal): Promise<{ fragments: StoredFragment[]; next: string | undefined }> {
    try {
      const { Fragments = [], NextToken } = await retryingBriefly(() => this.#ask(request, signal), signal);
      return { fragments: Fragments.flatMap(read), next: NextToken };
    } catch (error) {
      if (await isEmpty(error, this.api, signal)) return { fragments: [], next: undefined };
      throw error;
    }
  }

  async #ask(request: FragmentsRequest, signal: AbortSignal) {
    await pause(this.#lastAskedAt + REQUESTS_APART_MS - Date.now(), signal);
    try {
      return await this.api.listFragments(request, signal);
    } finally {
      this.#lastAskedAt = Date.now();
    }
  }
}

/** Whether a range without fragments is refused like a stream that is not there is not documented: both must do. */
async function isEmpty(error: unknown, api: KvsApi, signal: AbortSignal): Promise<boolean> {
  const explained = await explainAbsence(error, api, "nothing is stored in that time", signal);
  return explained instanceof FrameSourceError && explained.code === "NO_MEDIA";
}

const selectorOf = ({ clock, fromMs, toMs }: StoredRange) => ({
  FragmentSelectorType: clock === "producer" ? ("PRODUCER_TIMESTAMP" as const) : ("SERVER_TIMESTAMP" as const),
  TimestampRange: { StartTimestamp: new Date(fromMs), EndTimestamp: new Date(toMs) },
});

/** An entry without a number or a time is of no use to anybody. */
function read({ FragmentNumber: number, FragmentSizeInBytes: bytes, ProducerTimestamp: producer, ServerTimestamp: server, FragmentLengthInMilliseconds: lengthMs }: Fragment): StoredFragment[] {
  if (number === undefined || producer === undefined || server === undefined) return [];
  return [{ number, bytes: bytes ?? 0, startMs: { producer: producer.getTime(), server: server.getTime() }, lengthMs: lengthMs ?? 0 }];
}
