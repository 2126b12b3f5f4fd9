import * as v from "valibot";
import type { Camera } from "../camera/camera.js";
import type { Fragment } from "../camera/timeline.js";
import { fragmentBytes } from "../media/media.js";
import { invalid } from "../errors.js";
import type { listFragmentsInput } from "./schemas.js";

/** Where the next page begins, as a NextToken carries it. */
const cursorSchema = v.object({ clock: v.picklist(["producer", "server"]), startMs: v.number(), endMs: v.number(), skip: v.number() });
type Cursor = v.InferOutput<typeof cursorSchema>;
type Input = v.InferOutput<typeof listFragmentsInput>;

/**
 * One page of a stream's fragments. The order is scrambled, within pages and over them, because the service promises
 * none: the newest page comes first.
 */
export function listFragments(camera: Camera, { MaxResults, NextToken, FragmentSelector }: Input): object {
  const cursor = NextToken === undefined ? firstPage(FragmentSelector) : readToken(NextToken);
  const fragments = [...camera.range(cursor)].reverse();
  const page = fragments.slice(cursor.skip, cursor.skip + MaxResults).sort((a, b) => scramble(a) - scramble(b));
  const skip = cursor.skip + page.length;
  return {
    Fragments: page.map((fragment) => describeFragment(camera, fragment)),
    ...(skip < fragments.length && { NextToken: Buffer.from(JSON.stringify({ ...cursor, skip })).toString("base64") }),
  };
}

function firstPage(selector: Input["FragmentSelector"]): Cursor {
  if (selector === undefined) throw invalid("FragmentSelector must be specified, unless NextToken is.");
  const { StartTimestamp: startMs, EndTimestamp: endMs } = selector.TimestampRange;
  if (endMs < startMs) throw invalid("EndTimestamp must not be before StartTimestamp.");
  return { clock: selector.FragmentSelectorType === "PRODUCER_TIMESTAMP" ? "producer" : "server", startMs, endMs, skip: 0 };
}

function readToken(token: string): Cursor {
  const cursor = v.safeParse(v.pipe(v.string(), v.parseJson(), cursorSchema), Buffer.from(token, "base64").toString());
  if (!cursor.success) throw invalid("The NextToken is not valid.");
  return cursor.output;
}

const scramble = ({ index }: Fragment): number => (index * 7919) % 1009;

function describeFragment({ media }: Camera, { number, clipIndex, startMs, lengthMs }: Fragment): object {
  return {
    FragmentNumber: number,
    FragmentSizeInBytes: fragmentBytes(media, clipIndex),
    ProducerTimestamp: startMs.producer / 1000,
    ServerTimestamp: startMs.server / 1000,
    FragmentLengthInMilliseconds: Math.round(lengthMs),
  };
}
