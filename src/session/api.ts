import type { GetHLSStreamingSessionURLCommandInput, KinesisVideoArchivedMediaClient } from "@aws-sdk/client-kinesis-video-archived-media";
import type { KinesisVideoClient, StreamInfo } from "@aws-sdk/client-kinesis-video";
import { KVSConnectionError } from "../core/errors.js";
import type { Credentials } from "../core/options.js";
import { faultOf, SessionUrl } from "../core/session-url.js";
import { classify } from "./classify.js";
import type { Connections } from "./connection.js";
import { bound } from "./handler.js";

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

export type HlsRequest = Omit<GetHLSStreamingSessionURLCommandInput, "StreamName" | "StreamARN">;

/** The API calls of one stream. Every method throws a KVSConnectionError that says what to do, or the signal's reason. */
export class KvsApi {
  #control: Promise<KinesisVideoClient> | undefined;
  #media: Promise<KinesisVideoArchivedMediaClient> | undefined;

  constructor(private readonly options: ApiOptions) {}

  get #stream(): { StreamName: string } | { StreamARN: string } {
    const { streamName, streamArn } = this.options;
    return streamArn === undefined ? { StreamName: streamName ?? "" } : { StreamARN: streamArn };
  }

  async describeStream(signal: AbortSignal): Promise<StreamInfo> {
    const { DescribeStreamCommand } = await import("@aws-sdk/client-kinesis-video");
    const client = await this.#controlClient();
    const { StreamInfo } = await this.#call("describe", signal, () => client.send(new DescribeStreamCommand(this.#stream), { abortSignal: signal }));
    return StreamInfo ?? {};
  }

  /** @returns the URL of the master playlist */
  async openHlsSession(request: HlsRequest, signal: AbortSignal): Promise<SessionUrl> {
    const { GetHLSStreamingSessionURLCommand } = await import("@aws-sdk/client-kinesis-video-archived-media");
    const client = await this.#mediaClient(signal);
    try {
      const input = { ...request, ...this.#stream } as GetHLSStreamingSessionURLCommandInput;
      const { HLSStreamingSessionURL: url } = await this.#call("open", signal, () => client.send(new GetHLSStreamingSessionURLCommand(input), { abortSignal: signal }));
      // A request that the service cannot route is answered with 200 and no URL.
      if (!url) throw this.#wrongAnswer("the service gave no URL");
      return new SessionUrl(url);
    } catch (error) {
      this.#media = undefined; // an endpoint may be kept only until it fails
      throw error;
    }
  }

  get #label(): string {
    return `stream "${this.options.streamArn ?? this.options.streamName}"`;
  }

  #wrongAnswer(what: string): KVSConnectionError {
    return new KVSConnectionError(`cannot open ${this.#label}: ${what}; check --endpoint-url, and proxies on the way`, { code: "SERVICE_ERROR", retryable: true });
  }

  async #call<T>(verb: string, signal: AbortSignal, send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (error) {
      signal.throwIfAborted();
      const { profile } = this.options;
      throw classify(error, `cannot ${verb} ${this.#label}${profile === undefined ? "" : ` with profile "${profile}"`}`);
    }
  }

  #controlClient(): Promise<KinesisVideoClient> {
    this.#control ??= import("@aws-sdk/client-kinesis-video").then(({ KinesisVideoClient }) => bound(new KinesisVideoClient(this.#config(this.options.endpointUrl)), this.options.timeoutMs));
    return this.#control;
  }

  async #mediaClient(signal: AbortSignal): Promise<KinesisVideoArchivedMediaClient> {
    this.#media ??= this.#openMediaClient(signal);
    try {
      return await this.#media;
    } catch (error) {
      this.#media = undefined;
      throw error;
    }
  }

  async #openMediaClient(signal: AbortSignal): Promise<KinesisVideoArchivedMediaClient> {
    const [{ GetDataEndpointCommand }, { KinesisVideoArchivedMediaClient }, control] = await Promise.all([
      import("@aws-sdk/client-kinesis-video"),
      import("@aws-sdk/client-kinesis-video-archived-media"),
      this.#controlClient(),
    ]);
    const input = { ...this.#stream, APIName: "GET_HLS_STREAMING_SESSION_URL" as const };
    const { DataEndpoint } = await this.#call("open", signal, () => control.send(new GetDataEndpointCommand(input), { abortSignal: signal }));
    // Without it the SDK would go to the region's own address, which serves no media.
    if (!DataEndpoint) throw this.#wrongAnswer("the service gave no address");
    const fault = faultOf(DataEndpoint);
    if (fault !== undefined) throw this.#wrongAnswer(`the address that the service gave ${fault}`);
    return bound(new KinesisVideoArchivedMediaClient(this.#config(DataEndpoint)), this.options.timeoutMs);
  }

  #config(endpoint: string | undefined) {
    const { region, profile, credentials, streamArn, connections } = this.options;
    const requestHandler = { httpAgent: connections.http, httpsAgent: connections.https };
    const home = region ?? streamArn?.split(":")[3];
    // Trying again is ours (openings.ts, and the supervisor): a client that does it too multiplies every wait.
    return { requestHandler, maxAttempts: 1, ...(home && { region: home }), ...(profile && { profile, logger: SILENT }), ...(credentials && { credentials }), ...(endpoint && { endpoint }) };
  }
}
