/** Requests a second: how many at once, and how fast the allowance comes back. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

const FIVE: Rate = { burst: 5, perSecond: 5 };
const TEN: Rate = { burst: 10, perSecond: 10 };

/** Per stream for the API, per session for the HLS routes. */
export const RATES = {
  DescribeStream: FIVE,
  GetDataEndpoint: FIVE,
  GetHLSStreamingSessionURL: { burst: 5, perSecond: 1 },
  ListFragments: FIVE,
  GetImages: FIVE,
  GetHLSMasterPlaylist: FIVE,
  GetHLSMediaPlaylist: FIVE,
  GetMP4InitFragment: FIVE,
  GetMP4MediaFragment: TEN,
} as const satisfies Record<string, Rate>;

/** Token buckets, one for each operation on each stream or session. */
export class RateLimiter {
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  /** Whether the operation may go ahead; if so, it is counted. */
  take(operation: keyof typeof RATES, subject: string, now: number): boolean {
    const { burst, perSecond } = RATES[operation];
    const key = `${operation} ${subject}`;
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
    const isAllowed = tokens >= 1;
    this.#buckets.set(key, { tokens: isAllowed ? tokens - 1 : tokens, at: now });
    return isAllowed;
  }
}
