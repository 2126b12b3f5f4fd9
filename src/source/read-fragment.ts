import { createHash } from "node:crypto";
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

/** @throws HLSStreamError MALFORMED_MEDIA when there is no picture at all */
export function usable(read: ReadFragment | HLSStreamError): ReadFragment {
  if (read instanceof HLSStreamError) throw read;
  if (read.pictures.length > 0) return read;
  throw faultIn(read) ?? new HLSStreamError(`cannot read a fragment: none of its ${read.table.length} samples holds a picture`, { code: "MALFORMED_MEDIA" });
}

export function fingerprintOf(table: readonly SampleEntry[], samples: readonly { readonly data: Buffer }[]): Fingerprint {
  const hash = createHash("sha1");
  const [first] = samples;
  if (first) hash.update(first.data);
  const beginning = hash.copy().update(table.map(({ size, ptsMs }) => `${size}@${ptsMs}`).join()).digest("base64");
  if (samples.length < table.length) return { beginning, whole: undefined };
  for (const { data } of samples.slice(1)) hash.update(data);
  return { beginning, whole: hash.digest("base64") };
}

