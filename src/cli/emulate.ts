import { once } from "node:events";
import { access } from "node:fs/promises";
import type { Writable } from "node:stream";
import { Command, Option } from "commander";
import { OptionError } from "../core/errors.js";
import { parseCamera } from "../emulator/camera/grammar.js";
import { FolderError } from "../emulator/folder/error.js";
import type { CameraSpec, Ranges } from "../emulator/index.js";
import { RANGES } from "../emulator/options.js";
import { openJournal } from "./emulate-journal.js";
import { readFaults } from "./fault-file.js";
import { duration, wholeNumber } from "./flag-values.js";
import { choiceFlag, flag, switchFlag, textFlag } from "./flags.js";

/** What the command needs of the process. */
export interface EmulateContext {
  readonly env: Readonly<Record<string, string | undefined>>;
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
  /** Seconds. */
  readonly history: number;
  readonly sessionSeconds?: number;
  readonly accessKey?: AccessKey;
  readonly limits: boolean;
  readonly ranges?: Ranges;
  readonly linkMbps?: number;
  readonly faults?: string;
  readonly journal?: string;
  readonly ffmpeg?: string;
}

interface AccessKey {
  readonly id: string;
  readonly secret: string;
}

/** In the order of the grammar. */
const CAMERA_HELP = `
Cameras:
  NAME=testsrc     a generated picture with a running clock and frame counter
  NAME=FILE        a recording, in a loop
  NAME=DIR         a folder of fragmented MP4, served byte for byte
Options of testsrc, behind commas, such as front-door=testsrc,fps=29.97,size=1280x720:
  size=WxH         picture size            switch=WxH       another size, taken in turns
  fps=NUMBER       frames a second         fragment=SECONDS length of a fragment
  loop=SECONDS     until it repeats        bframes=COUNT    B-frames in a row, to 16
  matrix=NAME      bt709 or bt601          codec=NAME       h264, h265 or vp9
  audio            a sound track too       vfr              frames at uneven times
Options of every camera:
  history=SECONDS  has been sending for    latency=MS       until a fragment is listed
  skew=MS          its clock is ahead      retention=HOURS  how long media are kept
`;

const DEFAULT_CAMERA = "front-door=testsrc";

export function emulateCommand(context: EmulateContext): Command {
  const source = `NAME=testsrc, NAME=FILE or NAME=DIR, with options as below; repeatable (default: ${DEFAULT_CAMERA})`;
  return new Command("emulate")
    .description("Run a local Kinesis Video Streams, with cameras that need no AWS account")
    .addOption(textFlag("--host <address>", "address to listen on").default("127.0.0.1"))
    .addOption(flag("--port <number>", "port to listen on, 0 for any free one", wholeNumber(0, 65_535)).default(4566))
    .addOption(new Option("--camera <NAME=SOURCE>", source).argParser(cameras("camera")))
    .addOption(flag("--history <time>", "how long the cameras have been sending already", duration).default(300, "5m"))
    .addOption(flag("--session-seconds <number>", "end sessions after this time, whatever they ask for", wholeNumber(1, 43_200)))
    .addOption(flag("--access-key <ID:SECRET>", "take requests signed with this key only (default: any)", accessKey))
    .addOption(switchFlag("--no-limits", "answer any number of requests a second"))
    .addOption(choiceFlag("--ranges <how>", "what comes of a Range header on a fragment (default: ignored)", RANGES))
    .addOption(flag("--link-mbps <number>", "send no faster than a link of so many Mbit/s, which all clients share", wholeNumber(1, 100_000)))
    .addOption(textFlag("--faults <file>", "JSON of what is to go wrong, and when; see docs/faults.md"))
    .addOption(textFlag("--journal <file>", "write each request there as it is answered, as a line of JSON"))
    .addOption(textFlag("--ffmpeg <path>", "ffmpeg to encode with"))
    .addHelpText("after", CAMERA_HELP)
    .action((flags: EmulateFlags) => emulate(flags, context));
}

async function emulate(flags: EmulateFlags, { env, stdout, stderr, signal, locateFfmpeg }: EmulateContext): Promise<void> {
  const { host, port, history, sessionSeconds, accessKey: key, limits, ranges, linkMbps, camera: specs = [parseCamera(DEFAULT_CAMERA)] } = flags;
  const { startEmulator } = await import("../emulator/index.js"); // not needed for --help
  await refuseMissingFiles(specs);
  const faults = flags.faults === undefined ? [] : await readFaults(flags.faults, specs.map(({ name }) => name));
  const journal = flags.journal === undefined ? undefined : await openJournal(flags.journal);
  const emulator = await startEmulator({
    ffmpeg: await ffmpegFor(specs, flags.ffmpeg, locateFfmpeg),
    host, port, sessionSeconds, limits, linkMbps, env, signal, faults,
    ...(ranges && { switches: { ranges } }),
    onAnswered: (entry) => journal?.request(entry),
    accessKeys: key && { [key.id]: key.secret },
    cameras: specs.map((spec) => ({ historySeconds: history, ...spec })),
  }).catch((error: unknown) => {
    throw folderError(error) ?? addressError(error, flags) ?? error;
  });
  try {
    for (const fault of emulator.faults) journal?.fault(fault);
    const streams = [...emulator.cameras.keys()];
    stderr.write(usage(emulator.url, streams, key));
    stdout.write(`${JSON.stringify({ type: "ready", url: emulator.url, streams })}\n`);
    if (!signal.aborted) await Promise.race([once(signal, "abort"), journal?.failure].filter((each) => each !== undefined));
  } finally {
    await emulator.close();
    await journal?.close();
  }
}

async function refuseMissingFiles(specs: readonly CameraSpec[]): Promise<void> {
  for (const { name, source } of specs) {
    if (!("kind" in source) || source.kind !== "file") continue;
    await access(source.path).catch((error: NodeJS.ErrnoException) => {
      throw new OptionError(`camera ${name} must be testsrc, or a file or folder that can be read, got "${source.path}" (${error.code})`, "camera");
    });
  }
}

/** Cameras of folders alone do without ffmpeg, unless one is named. */
async function ffmpegFor(specs: readonly CameraSpec[], path: string | undefined, locate: EmulateContext["locateFfmpeg"]): Promise<string | undefined> {
  const isNeeded = path !== undefined || specs.some(({ source }) => !("kind" in source) || source.kind !== "folder");
  try {
    return await locate(path);
  } catch (error) {
    if (isNeeded) throw error;
    return undefined;
  }
}

const folderError = (error: unknown): OptionError | undefined =>
  error instanceof FolderError ? new OptionError(error.message, "camera") : undefined;

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
    `  export AWS_ACCESS_KEY_ID=${id} AWS_SECRET_ACCESS_KEY=${secret} AWS_REGION=us-east-1 AWS_ENDPOINT_URL=${url}`,
    `  kvs-frames pull --endpoint-url ${url} --stream-name ${stream}`,
    `  aws kinesisvideo describe-stream --region us-east-1 --endpoint-url ${url} --stream-name ${stream}`,
    "",
    "",
  ].join("\n");
}

/** Repeatable: each one is added to those before it. */
const cameras = (option: string) => (given: string, others: readonly CameraSpec[] = []): CameraSpec[] => {
  try {
    return [...others, parseCamera(given)];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const isAboutWhole = error.message.startsWith(`${option} must`);
    throw new OptionError(isAboutWhole ? error.message : `${option} "${given}": ${error.message}`, option);
  }
};

const accessKey = (option: string) => (given: string): AccessKey => {
  const [, id, secret] = /^([^:]+):(.+)$/.exec(given) ?? [];
  if (id === undefined || secret === undefined) throw new OptionError(`${option} must be ID:SECRET`, option); // what was given may be half a secret
  return { id, secret };
};
