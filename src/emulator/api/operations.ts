import type { Camera } from "../camera/camera.js";
import { HLS_PATH } from "../hls/routes.js";
import type { Sessions } from "../hls/sessions.js";
import { jsonReply, type Reply, type Request } from "../http/message.js";
import type { Ffmpeg } from "../media/ffmpeg.js";
import { getImages } from "./get-images.js";
import type { RATES } from "./limits.js";
import { listFragments } from "./list-fragments.js";
import { sessionOptions } from "./open-session.js";
import { describeStreamInput, getDataEndpointInput, getImagesInput, listFragmentsInput, listStreamsInput, openSessionInput, parseInput } from "./schemas.js";
import { describeStream, findActiveStream, findStream, listStreams, type Cameras } from "./streams.js";

/** What an operation works on. */
export interface Context {
  readonly cameras: Cameras;
  readonly sessions: Sessions;
  /** Longest life of a session. */
  readonly sessionSeconds: number;
  readonly now: number;
  /** For pictures. */
  readonly ffmpeg: Ffmpeg;
  /** Counts a request, and refuses it if it comes too fast. */
  readonly limit: (operation: keyof typeof RATES, subject: string) => void;
}

interface Operation {
  readonly name: string;
  readonly answer: (request: Request, context: Context) => Reply | Promise<Reply>;
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  "/describeStream": {
    name: "DescribeStream",
    answer: ({ body }, { cameras, limit }) => {
      const camera = findStream(cameras, parseInput(describeStreamInput, body));
      limit("DescribeStream", camera.name);
      return jsonReply({ StreamInfo: describeStream(camera) });
    },
  },
  "/listStreams": {
    name: "ListStreams",
    answer: ({ body }, { cameras }) => jsonReply(listStreams(cameras, parseInput(listStreamsInput, body))),
  },
  "/getDataEndpoint": {
    name: "GetDataEndpoint",
    answer: (request, { cameras, limit }) => {
      const camera = findStream(cameras, parseInput(getDataEndpointInput, request.body));
      limit("GetDataEndpoint", camera.name);
      return jsonReply({ DataEndpoint: origin(request) });
    },
  },
  "/getHLSStreamingSessionURL": {
    name: "GetHLSStreamingSessionURL",
    answer: (request, context) => {
      const input = parseInput(openSessionInput, request.body);
      const camera = findActiveStream(context.cameras, input);
      context.limit("GetHLSStreamingSessionURL", camera.name);
      const options = sessionOptions(camera, input, context.now);
      return jsonReply({ HLSStreamingSessionURL: `${origin(request)}${openSession(camera, options, context)}` });
    },
  },
  "/listFragments": {
    name: "ListFragments",
    answer: ({ body }, { cameras, limit }) => {
      const input = parseInput(listFragmentsInput, body);
      const camera = findActiveStream(cameras, input);
      limit("ListFragments", camera.name);
      return jsonReply(listFragments(camera, input));
    },
  },
  "/getImages": {
    name: "GetImages",
    answer: async ({ body }, { cameras, limit, ffmpeg }) => {
      const input = parseInput(getImagesInput, body);
      const camera = findActiveStream(cameras, input);
      limit("GetImages", camera.name);
      return jsonReply(await getImages(camera, input, ffmpeg));
    },
  },
};

/** The operation a request names, by method and by a path in exactly this spelling. */
export function findOperation({ method, path }: Request): Operation | undefined {
  return method === "POST" && Object.hasOwn(OPERATIONS, path) ? OPERATIONS[path] : undefined;
}

/** What the service says to a path it does not know: status 200, and no error that an SDK would notice. */
export const unknownOperation = (): Reply =>
  jsonReply({ Output: { __type: "com.amazon.coral.service#UnknownOperationException" }, Version: "1.0" });

function openSession(camera: Camera, options: ReturnType<typeof sessionOptions>, { sessions, sessionSeconds, now }: Context): string {
  const expiresAt = Math.min(options.expiresAt, now + sessionSeconds * 1000);
  const { token } = sessions.open(camera, { ...options, expiresAt }, now);
  return `${HLS_PATH}getHLSMasterPlaylist.m3u8?SessionToken=${token}`;
}

/** The emulator is its own data endpoint, at the address by which the caller reached it. */
const origin = ({ headers }: Request): string => `http://${headers.host ?? ""}`;
