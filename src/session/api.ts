import type { GetHLSStreamingSessionURLCommandInput, KinesisVideoArchivedMediaClient, ListFragmentsCommandInput, ListFragmentsCommandOutput } from "@aws-sdk/client-kinesis-video-archived-media";
import type { APIName, KinesisVideoClient, ListStreamsCommandInput, ListStreamsCommandOutput, StreamInfo } from "@aws-sdk/client-kinesis-video";
import { FrameSourceError, KVSConnectionError, type ErrorCode } from "../core/errors.js";
import type { Credentials } from "../core/option-types.js";
import { faultOf, SessionUrl } from "../core/session-url.js";
import { classify } from "./classify.js";
import type { Connections } from "./connection.js";
import { explainingCredentials } from "./credentials.js";
import { bound, isPlainClient } from "./handler.js";

/** Which stream, and how to reach and prove oneself to the service. */
export interface ApiOptions {
  readonly streamName?: string | undefined;
  readonly streamArn?: string | undefined;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly credentials?: Credentials | (() => Promise<Credentials>) | undefined;
  readonly endpointUrl?: string | undefined;
  /** Milliseconds a request may take, to the last byte of its answer. */
  readonly timeoutMs: number;
  readonly connections: Connections;
}

/** A profile that is named outdoes the environment's keys; the SDK would print eight lines about it, whatever the log format. */
const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** An offline camera, a throttle and missing credentials leave the address of an operation as good as it was. */
const SAYS_NOTHING_OF_ADDRESS: ReadonlySet<ErrorCode> = new Set(["NO_MEDIA", "STREAM_NOT_FOUND", "NO_RETENTION", "THROTTLED", "NO_CREDENTIALS", "INVALID_REQUEST", "UNSUPPORTED_MEDIA"]);

const IN_CLEAR = "is an http: address, which would expose credentials in transit; it must be https: unless --endpoint-url is also http:";

const isPlain = (url: string): boolean => url.toLowerCase().startsWith("http:");

export type HlsRequest = Omit<GetHLSStreamingSessionURLCommandInput, "StreamName" | "StreamARN">;
export type FragmentsRequest = Omit<ListFragmentsCommandInput, "StreamName" | "StreamARN">;

/** The API calls of one stream. Every method throws a KVSConnectionError that says what to do, or the signal's reason. */
export class KvsApi {
  #control: Promise<KinesisVideoClient> | undefined;
  /** Each operation has an address of its own, which may be kept until it fails. */
  readonly #media = new Map<APIName, Promise<KinesisVideoArchivedMediaClient>>();

  constructor(private readonly options: ApiOptions) {}

  get #stream(): { StreamName: string } | { StreamARN: string } {
    const { streamName, streamArn } = this.options;
    return streamArn === undefined ? { StreamName: streamName ?? "" } : { StreamARN: streamArn };
  }

  async describeStream(signal: AbortSignal): Promise<StreamInfo> {
    const { DescribeStreamCommand } = await import("@aws-sdk/client-kinesis-video");
    const client = await this.#controlClient();
    const { StreamInfo } = await this.#call(`describe ${this.#label}`, signal, () => client.send(new DescribeStreamCommand(this.#stream), { abortSignal: signal }));
    return StreamInfo ?? {};
  }

  /** One page of the account's streams in the region. */
  async listStreams(request: ListStreamsCommandInput, signal: AbortSignal): Promise<ListStreamsCommandOutput> {
    const { ListStreamsCommand } = await import("@aws-sdk/client-kinesis-video");
    const client = await this.#controlClient();
    return this.#call("list the streams", signal, () => client.send(new ListStreamsCommand(request), { abortSignal: signal }));
  }

  /** Finds the address of an operation, which is kept for when it is asked. */
  findEndpoint(api: APIName, signal: AbortSignal): Promise<void> {
    return this.#atMedia(api, signal, () => Promise.resolve());
  }

  /** @returns the URL of the master playlist */
  openHlsSession(request: HlsRequest, signal: AbortSignal): Promise<SessionUrl> {
    return this.#atMedia("GET_HLS_STREAMING_SESSION_URL", signal, async (client) => {
      const { GetHLSStreamingSessionURLCommand } = await import("@aws-sdk/client-kinesis-video-archived-media");
      const input = { ...request, ...this.#stream } as GetHLSStreamingSessionURLCommandInput;
      const { HLSStreamingSessionURL: url } = await this.#call(`open ${this.#label}`, signal, () => client.send(new GetHLSStreamingSessionURLCommand(input), { abortSignal: signal }));
      // A request that the service cannot route is answered with 200 and no URL.
      if (!url) throw this.#wrongAnswer("open", "the service gave no URL");
      if (isPlain(url) && !isPlainClient(client)) throw this.#wrongAnswer("open", `the session's URL ${IN_CLEAR}`);
      return new SessionUrl(url);
    });
  }

  /** One page of what is stored. */
  listFragments(request: FragmentsRequest, signal: AbortSignal): Promise<ListFragmentsCommandOutput> {
    return this.#atMedia("LIST_FRAGMENTS", signal, async (client) => {
      const { ListFragmentsCommand } = await import("@aws-sdk/client-kinesis-video-archived-media");
      const page = await this.#call(`list the fragments of ${this.#label}`, signal, () => client.send(new ListFragmentsCommand({ ...request, ...this.#stream }), { abortSignal: signal }));
      if (page.Fragments === undefined) throw this.#wrongAnswer("list the fragments of", "the service gave no list");
      return page;
    });
  }

  get #label(): string {
    return `stream "${this.options.streamArn ?? this.options.streamName}"`;
  }

  #wrongAnswer(verb: string, what: string): KVSConnectionError {
    return new KVSConnectionError(`cannot ${verb} ${this.#label}: ${what}; check --endpoint-url and any proxies in between`, { code: "SERVICE_ERROR", retryable: true });
  }

  /** @param doing what fails, if it does, such as `open stream "x"` */
  async #call<T>(doing: string, signal: AbortSignal, send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (error) {
      signal.throwIfAborted();
      const { profile } = this.options;
      throw classify(error, `cannot ${doing}${profile === undefined ? "" : ` with profile "${profile}"`}`);
    }
  }

  #controlClient(): Promise<KinesisVideoClient> {
    this.#control ??= import("@aws-sdk/client-kinesis-video").then(({ KinesisVideoClient }) => bound(explainingCredentials(new KinesisVideoClient(this.#config(this.options.endpointUrl)), this.options.timeoutMs), this.options.timeoutMs));
    return this.#control;
  }

  async #atMedia<T>(api: APIName, signal: AbortSignal, ask: (client: KinesisVideoArchivedMediaClient) => Promise<T>): Promise<T> {
    const client = await this.#mediaClient(api, signal);
    try {
      return await ask(client);
    } catch (error) {
      if (!(error instanceof FrameSourceError) || SAYS_NOTHING_OF_ADDRESS.has(error.code)) throw error;
      this.#media.delete(api);
      throw error;
    }
  }

  /** An address that could not be found is asked for again the next time. */
  async #mediaClient(api: APIName, signal: AbortSignal): Promise<KinesisVideoArchivedMediaClient> {
    let client = this.#media.get(api);
    if (client === undefined) this.#media.set(api, (client = this.#openMediaClient(api, signal)));
    try {
      return await client;
    } catch (error) {
      this.#media.delete(api);
      throw error;
    }
  }

  async #openMediaClient(api: APIName, signal: AbortSignal): Promise<KinesisVideoArchivedMediaClient> {
    const [{ GetDataEndpointCommand }, { KinesisVideoArchivedMediaClient }, control] = await Promise.all([
      import("@aws-sdk/client-kinesis-video"),
      import("@aws-sdk/client-kinesis-video-archived-media"),
      this.#controlClient(),
    ]);
    const { DataEndpoint } = await this.#call(`open ${this.#label}`, signal, () => control.send(new GetDataEndpointCommand({ ...this.#stream, APIName: api }), { abortSignal: signal }));
    // Without it the SDK would go to the region's own address, which serves no media.
    if (!DataEndpoint) throw this.#wrongAnswer("open", "the service gave no address");
    const fault = faultOf(DataEndpoint);
    if (fault !== undefined) throw this.#wrongAnswer("open", `the address that the service gave ${fault}`);
    if (isPlain(DataEndpoint) && !isPlainClient(control)) throw this.#wrongAnswer("open", `the address that the service gave ${IN_CLEAR}`);
    return bound(explainingCredentials(new KinesisVideoArchivedMediaClient(this.#config(DataEndpoint)), this.options.timeoutMs), this.options.timeoutMs);
  }

  #config(endpoint: string | undefined) {
    const { region, profile, credentials, streamArn, connections } = this.options;
    const requestHandler = { httpAgent: connections.http, httpsAgent: connections.https };
    const home = region ?? streamArn?.split(":")[3];
    // Trying again is ours (openings.ts, and the supervisor): a client that does it too multiplies every wait.
    return { requestHandler, maxAttempts: 1, ...(home && { region: home }), ...(profile && { profile, logger: SILENT }), ...(credentials && { credentials }), ...(endpoint && { endpoint }) };
  }
}
