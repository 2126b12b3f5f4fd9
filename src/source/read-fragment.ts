import { HLSStreamError } from "../core/errors.js";
import type { FetchedFragment } from "../hls/fetcher.js";
import type { ReadPictures } from "../media/pictures.js";
import type { SampleEntry } from "../media/samples.js";
import type { Fingerprint } from "./coverage.js";

/** What was read of a fragment. */
export interface ReadFragment extends ReadPictures {
  readonly fragment: FetchedFragment;
  /** Of all its samples, in decoding order. */
  readonly table: readonly SampleEntry[];
  /** All its samples have come. */
  readonly isWhole: boolean;
  readonly fingerprint: Fingerprint;
}

/** Returns what is wrong with the first damaged sample; undefined when none is. */
export function faultIn({ faulty: [first], table }: Pick<ReadFragment, "faulty" | "table">): HLSStreamError | undefined {
  const place = table.findIndex(({ index }) => index === first?.index) + 1;
  return first && new HLSStreamError(`cannot read sample ${place} of ${table.length} of a fragment: it holds ${first.fault}`, { code: "MALFORMED_MEDIA" });
}
