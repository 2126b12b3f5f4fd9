import { once } from "node:events";
import { access } from "node:fs/promises";
import type { Writable } from "node:stream";
import { Command, InvalidArgumentError, Option } from "commander";
import ms, { type StringValue } from "ms";
import { OptionError } from "../core/errors.js";
import { parseCamera } from "../emulator/camera/grammar.js";
import type { CameraSpec } from "../emulator/index.js";

/** What the command needs of the process. */
export interface EmulateContext {
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Ends the command. */
  readonly signal: AbortSignal;
  /** Finds ffmpeg: at the given path, or else wherever the machine has it. */
  readonly locateFfmpeg: (path: string | undefined) => string | Promise<string>;
}

interface EmulateFlags {
  readonly host: string;
  readonly port: number;
  readonly camera?: readonly CameraSpec[];
  readonly history: number;
  readonly sessionSeconds?: number;
  readonly accessKey?: AccessKey;
  readonly limits: boolean;
  readonly ffmpeg?: string;
}

interface AccessKey {
  readonly id: string;
  readonly secret: string;
}

const DEFAULT_CAMERA = "front-door=testsrc";

export function emulateCommand(context: EmulateContext): Command {
  return new Command("emulate")
    .description("Run a local Kinesis Video Streams, with cameras that need no AWS account")
    .addOption(new Option("--host <address>", "address to listen on").default("127.0.0.1"))
    .addOption(new Option("--port <number>", "port to listen on, 0 for any free one").default(4566).argParser(whole(0, 65_535)))
    .addOption(new Option("--camera <NAME=SOURCE>", `NAME=FILE or NAME=testsrc[,fps=29.97,size=1280x720,bframes=2,codec=h265,audio,vfr,...], repeatable (default: ${DEFAULT_CAMERA})`).argParser(camera))
    .addOption(new Option("--history <time>", "how long the cameras have been sending already").default(ms("5m"), "5m").argParser(duration))
    .addOption(new Option("--session-seconds <number>", "end sessions after this time, whatever they ask for").argParser(whole(1, 43_200)))
    .addOption(new Option("--access-key <ID:SECRET>", "take requests signed with this key only (default: any)").argParser(accessKey))
    .addOption(new Option("--no-limits", "answer any number of requests a second"))
    .addOption(new Option("--ffmpeg <path>", "ffmpeg to encode with"))
    .action((flags: EmulateFlags) => emulate(flags, context));
}

async function emulate(flags: EmulateFlags, { stdout, stderr, signal, locateFfmpeg }: EmulateContext): Promise<void> {
  const { host, port, history, sessionSeconds, accessKey: key, limits, camera: specs = [parseCamera(DEFAULT_CAMERA)] } = flags;
  const { startEmulator } = await import("../emulator/index.js"); // not needed for --help
  await refuseMissingFiles(specs);
  const emulator = await startEmulator({
    ffmpeg: await locateFfmpeg(flags.ffmpeg),
    host, port, sessionSeconds, limits, signal,
    accessKeys: key && { [key.id]: key.secret },
    cameras: specs.map((spec) => ({ historySeconds: history / 1000, ...spec })),
  }).catch((error: unknown) => {
    throw addressError(error, flags) ?? error;
  });
  try {
    const streams = [...emulator.cameras.keys()];
    stderr.write(usage(emulator.url, streams, key));
    stdout.write(`${JSON.stringify({ type: "ready", url: emulator.url, streams })}\n`);
    if (!signal.aborted) await once(signal, "abort");
  } finally {
    await emulator.close();
  }
}

async function refuseMissingFiles(specs: readonly CameraSpec[]): Promise<void> {
  for (const { name, source } of specs) {
    if (!("kind" in source) || source.kind !== "file") continue;
    await access(source.path).catch((error: NodeJS.ErrnoException) => {
      throw new OptionError(`camera ${name} must be testsrc or a file that can be read, got "${source.path}" (${error.code})`, "camera");
    });
  }
}

/** A port or address that cannot be had is for the caller to change. */
function addressError(error: unknown, { host, port }: EmulateFlags): OptionError | undefined {
  const { syscall, code } = error as NodeJS.ErrnoException;
  if (syscall !== "listen" && syscall !== "getaddrinfo") return undefined;
  return new OptionError(`port and host must be free to listen on, got ${host}:${port} (${code}); choose others, or --port 0 for any free port`, "port");
}

function usage(url: string, streams: readonly string[], key: AccessKey | undefined): string {
  const [stream = "NAME"] = streams;
  const [id, secret] = key ? [key.id, "the-secret-you-gave"] : ["any", "any"];
  return [
    `Kinesis Video Streams on ${url}, streams: ${streams.join(", ")}`,
    "",
    `  export AWS_ACCESS_KEY_ID=${id} AWS_SECRET_ACCESS_KEY=${secret} AWS_REGION=us-east-1`,
    `  kvs-frames pull --endpoint-url ${url} --stream-name ${stream}`,
    `  aws kinesisvideo describe-stream --region us-east-1 --endpoint-url ${url} --stream-name ${stream}`,
    "",
    "",
  ].join("\n");
}

/** Turns our own complaint about a value into one that commander puts the flag's name to. */
function camera(text: string, others: readonly CameraSpec[] = []): CameraSpec[] {
  try {
    return [...others, parseCamera(text)];
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

function accessKey(text: string): AccessKey {
  const [, id, secret] = /^([^:]+):(.+)$/.exec(text) ?? [];
  if (id === undefined || secret === undefined) throw new InvalidArgumentError("must be ID:SECRET");
  return { id, secret };
}

function duration(text: string): number {
  const value = text === "" ? undefined : ms(text as StringValue);
  if (value === undefined || !(value >= 0)) throw new InvalidArgumentError(`must be a time such as 90s or 5m, got "${text}"`);
  return value;
}

const whole = (min: number, max: number) => (text: string): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) throw new InvalidArgumentError(`must be a whole number from ${min} to ${max}, got "${text}"`);
  return value;
};
