import { isWantedNumber, MAX_PIXELS, samplesOf, type CodedPictures, type DecoderSetup } from "../core/picture.js";
import { failed } from "./failed.js";
import type { Intake } from "./intake.js";
import type { Ledger } from "./ledger.js";
import { NativeCalls } from "./native-calls.js";
import type { AvCodecContext, AvFrame, AvPacket, NodeAv } from "./node-av.js";

/** libavutil/avutil.h, libavcodec/codec_id.h, libavutil/frame.h, libavutil/error.h */
const VIDEO = 0;
const CODEC_IDS: Readonly<Record<DecoderSetup["codec"], number>> = { h264: 27, h265: 173 };
const CORRUPT = 1;
const END = -541_478_725;
const LIMITED = 1;
const FULL = 2;

export interface LibavDecoderOptions<T> {
  readonly av: NodeAv;
  readonly init: DecoderSetup;
  /** 0: as many as FFmpeg sees fit. */
  readonly threads: number;
  readonly input: Intake<CodedPictures<T>>;
  readonly ledger: Ledger<T>;
}

/** Decodes coded pictures in this process. One call at a time; all work is done by threads of FFmpeg. */
export class LibavDecoder<T> {
  readonly #calls = new NativeCalls();
  readonly #packet: AvPacket;
  /** Wants more input. */
  readonly #again: number;
  #codec: AvCodecContext | undefined;
  #left: { readonly data: Buffer; readonly number: number }[] = [];

  constructor(private readonly of: LibavDecoderOptions<T>) {
    this.#packet = new of.av.Packet();
    this.#packet.alloc();
    this.#again = of.av.FFmpegError.AVERROR("EAGAIN");
  }

  /**
   * Decodes up to the next picture that is wanted.
   * @param frame takes it
   * @returns whether there was one; false: all that came is decoded
   * @throws DecoderError FFMPEG_FAILED at the first error or concealed picture, as `ffmpeg -xerror` ends (docs/corruption.md)
   */
  async receive(frame: AvFrame): Promise<boolean> {
    for (;;) {
      const codec = this.#codec;
      const code = codec === undefined ? this.#again : await this.#calls.make(() => codec.receiveFrame(frame));
      if (code === END) return false;
      if (code === this.#again) {
        if (!(await this.#feed())) return false;
        continue;
      }
      this.#check(code, "gave no picture");
      if (frame.decodeErrorFlags !== 0 || frame.flags & CORRUPT) throw failed("concealed a damaged picture");
      if (isWantedNumber(Number(frame.pts))) return true;
      frame.unref();
    }
  }

  /** Waits for what is under way, but not for more input. */
  async close(): Promise<void> {
    await this.#calls.close();
    this.#codec?.freeContext();
    this.#packet.free();
  }

  /**
   * Puts in the next sample, or the end.
   * @returns whether more may come out
   */
  async #feed(): Promise<boolean> {
    const { input, ledger } = this.of;
    if (ledger.isEnded) return false;
    while (this.#left.length === 0) {
      ledger.isFeeding = false;
      // Its failure is told to whoever asks it next.
      const next = await input.peek().catch(() => undefined);
      if (next === undefined || next.done) {
        ledger.isEnded = true;
        return this.#flush();
      }
      this.#calls.refuseIfClosed();
      input.shift();
      ledger.add(next.value);
      this.#left = samplesOf(next.value);
    }
    ledger.isFeeding = true;
    const codec = (this.#codec ??= await this.#open());
    const { data, number } = this.#left.shift() ?? { data: Buffer.alloc(0), number: 0 };
    const code = await this.#calls.make(() => {
      this.#packet.unref();
      this.#packet.data = data;
      this.#packet.pts = BigInt(number);
      return codec.sendPacket(this.#packet);
    });
    this.#check(code, "refused a picture");
    ledger.noteTaken();
    return true;
  }

  async #flush(): Promise<boolean> {
    const codec = this.#codec;
    if (codec === undefined) return false;
    this.#check(await this.#calls.make(() => codec.sendPacket(null)), "could not be ended");
    return true;
  }

  async #open(): Promise<AvCodecContext> {
    const { av, init, threads } = this.of;
    const codec = av.Codec.findDecoder(CODEC_IDS[init.codec]);
    if (codec === null) throw failed(`has no decoder for ${init.codec}`);
    const parameters = new av.CodecParameters();
    parameters.alloc();
    Object.assign(parameters, { codecType: VIDEO, codecId: CODEC_IDS[init.codec], extradata: Buffer.from(init.configuration, "base64"), width: init.width, height: init.height, ...coloursOf(init) });
    const context = new av.CodecContext();
    context.allocContext3(codec);
    try {
      this.#check(context.parametersToContext(parameters), "cannot decode the stream");
      context.threadCount = threads;
      this.#check(context.setOption("max_pixels", String(MAX_PIXELS)), "has no limit of pixels");
      this.#check(context.setOption("flags", "+unaligned"), "cannot crop exactly");
      this.#check(await this.#calls.make(() => context.open2(codec, null)), "cannot decode the stream");
      return context;
    } catch (error) {
      context.freeContext();
      throw error;
    } finally {
      parameters.free();
    }
  }

  #check(code: number, what: string): void {
    if (code < 0) throw failed(`${what}: ${this.of.av.FFmpegError.strerror(code)}`);
  }
}

/** What the container says of colours, which counts where the stream is silent: ISO/IEC 14496-12 12.1.5, as ffmpeg reads it. */
function coloursOf({ extra }: DecoderSetup): { readonly colorPrimaries?: number; readonly colorTrc?: number; readonly colorSpace?: number; readonly colorRange?: number } {
  const body = extra.find(({ type }) => type === "colr")?.body;
  const type = body?.toString("latin1", 0, 4);
  if (body === undefined || body.length < 10 || (type !== "nclx" && type !== "nclc")) return {};
  const range = type === "nclx" && body.length > 10 ? { colorRange: (body[10] ?? 0) & 0x80 ? FULL : LIMITED } : {};
  return { colorPrimaries: body.readUInt16BE(4), colorTrc: body.readUInt16BE(6), colorSpace: body.readUInt16BE(8), ...range };
}
