import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { locateFfmpeg } from "../../dist/decoder/locate.js";
import { Clips } from "./clips.mjs";
import { Command } from "./command.mjs";
import { Emulated, SERVICE_ENV } from "./emulated.mjs";
import { interleave } from "./rounds.mjs";

export const BINARY = fileURLToPath(new URL("../../bin/kvs-frames.js", import.meta.url));
const program = (name) => fileURLToPath(new URL(`programs/${name}`, import.meta.url));

/** What rows measure with. */
export class Bench {
  clips;
  ffmpeg;
  signal;
  quick;
  /** How long the run of `rss-live` takes. */
  minutes;
  /** For files that are not kept. */
  directory;
  #say;
  #emulators = [];
  #files = 0;

  /** @param say told of what goes on */
  static async open({ signal, say, quick, minutes }) {
    const bench = new Bench();
    Object.assign(bench, { signal, quick, minutes });
    bench.#say = say;
    bench.ffmpeg = await locateFfmpeg(undefined, process.env, signal);
    bench.directory = await mkdtemp(join(tmpdir(), "kvs-frames-bench-"));
    bench.clips = new Clips({ ffmpeg: bench.ffmpeg, signal, say });
    return bench;
  }

  /** One figure for a full run, another one for `--quick`. */
  choose(full, quick) {
    return this.quick ? quick : full;
  }

  /** Five in turns, three for what takes long. */
  interleave(contenders, { rounds = this.choose(5, 3), pauseMs } = {}) {
    return interleave(contenders, { rounds, pauseMs, signal: this.signal, say: this.#say });
  }

  say(text) {
    this.#say(text);
  }

  /**
   * Starts an emulator, which ends with the row.
   * @param cameras by name, the clip and how long it has been sending, seconds
   * @param options as of the emulator: `limits: false` only where a peer is meant to read as fast as it can
   */
  async emulate(cameras, options) {
    const specs = [];
    for (const [name, { clip, history = 60 }] of Object.entries(cameras)) specs.push({ name, clip: await this.clips.make(clip), historySeconds: history });
    this.signal.throwIfAborted();
    const emulated = await Emulated.start({ ffmpeg: this.ffmpeg.path, cameras: specs, ...options });
    this.#emulators.push(emulated);
    return emulated;
  }

  /** `kvs-frames` with these arguments. */
  kvsFrames(argv, options) {
    return this.command([process.execPath, BINARY, ...argv], options);
  }

  /** `kvs-frames pull` of an emulated camera. */
  pull(emulated, camera, flags, options) {
    return this.kvsFrames(["pull", "--stream-name", camera, "--endpoint-url", emulated.url, "--quiet", ...flags], options);
  }

  /** A program of ours that uses the library, given one object. */
  library(name, settings, options) {
    return this.command([process.execPath, program(name), JSON.stringify(settings)], { output: "text", ...options });
  }

  /** Options of the library for one of its ways to decode. */
  decoder(decoder) {
    return decoder === "ffmpeg" ? { decoder, ffmpegPath: this.ffmpeg.path } : { decoder };
  }

  python(command, name, url) {
    return this.command([command, program(name), url], { output: "text" });
  }

  runFfmpeg(args, options) {
    return this.command([this.ffmpeg.path, "-nostdin", "-v", "error", "-y", ...args], options);
  }

  command(argv, options) {
    return new Command(argv, { signal: this.signal, env: this.#env, cwd: this.directory, ...options });
  }

  /** A path in our directory that nothing has yet. */
  fresh(name) {
    return join(this.directory, `${++this.#files}-${name}`);
  }

  get #env() {
    const { PATH, LANG, TMPDIR } = process.env;
    return { PATH, LANG, TMPDIR, HOME: this.directory, KVS_FRAMES_FFMPEG: this.ffmpeg.path, ...SERVICE_ENV };
  }

  /** Ends what the row has started. */
  endRow() {
    for (const emulator of this.#emulators.splice(0)) emulator.close();
  }

  async close() {
    this.endRow();
    await rm(this.directory, { recursive: true, force: true });
  }
}
