import * as v from "valibot";
import type { Camera } from "../camera/camera.js";
import { invalid, noSuchStream, ServiceError } from "../errors.js";
import type { listStreamsInput } from "./schemas.js";

export type Cameras = ReadonlyMap<string, Camera>;

export interface StreamId {
  readonly StreamName?: string | undefined;
  readonly StreamARN?: string | undefined;
}

/** The stream a request names, which must exist and be open to the caller. */
export function findStream(cameras: Cameras, { StreamName: name, StreamARN: arn }: StreamId): Camera {
  if ((name === undefined) === (arn === undefined)) {
    throw invalid("Either StreamName or StreamARN must be specified, and not both.");
  }
  const camera = name === undefined ? [...cameras.values()].find((each) => each.arn === arn) : cameras.get(name);
  if (camera === undefined) throw noSuchStream();
  if (!camera.description.isAuthorized) {
    throw new ServiceError("NotAuthorizedException", "The caller is not authorized to perform this operation.");
  }
  return camera;
}

/** Media can be read from an active stream only. */
export function findActiveStream(cameras: Cameras, id: StreamId): Camera {
  const camera = findStream(cameras, id);
  if (camera.description.status !== "ACTIVE" && camera.description.status !== "UPDATING") throw noSuchStream();
  return camera;
}

const named = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ StreamName: v.optional(v.string()), StreamARN: v.optional(v.string()) }),
);

/** The stream a request's body names, whether there is one or not. */
export function streamNameIn(body: Buffer): string | undefined {
  const result = v.safeParse(named, body.toString());
  return result.success ? (result.output.StreamName ?? result.output.StreamARN?.split("/")[1]) : undefined;
}

export function describeStream({ name, arn, createdAt, description }: Camera): object {
  return {
    StreamName: name,
    StreamARN: arn,
    MediaType: description.mediaType,
    KmsKeyId: "arn:aws:kms:us-east-1:123456789012:alias/aws/kinesisvideo",
    Version: "EmulatedStream1",
    Status: description.status,
    CreationTime: createdAt / 1000,
    DataRetentionInHours: description.retentionHours,
  };
}

export function listStreams(cameras: Cameras, { MaxResults, NextToken, StreamNameCondition }: v.InferOutput<typeof listStreamsInput>): object {
  const prefix = StreamNameCondition?.ComparisonValue ?? "";
  const after = NextToken === undefined ? "" : Buffer.from(NextToken, "base64").toString();
  const rest = [...cameras.values()].filter(({ name }) => name.startsWith(prefix) && name > after).sort((a, b) => (a.name < b.name ? -1 : 1));
  const page = rest.slice(0, MaxResults);
  const last = page.at(-1);
  return {
    StreamInfoList: page.map(describeStream),
    ...(last && rest.length > page.length && { NextToken: Buffer.from(last.name).toString("base64") }),
  };
}
