import { join } from "node:path";
import { Command } from "commander";
import type { CommandContext } from "./context.js";
import { text } from "./flag-values.js";
import { flag, textFlag } from "./flags.js";
import { pullCommand } from "./pull/command.js";

const CAMERA = "front-door";
const REGION = "us-east-1";
/** The emulator takes any. The caller's own stay out of it. */
const CREDENTIALS = { accessKeyId: "demo", secretAccessKey: "demo" };

interface DemoFlags {
  readonly out: string;
  readonly ffmpeg?: string;
}

/** A first look without an AWS account: the emulator and a pull from it, in one process. */
export function demoCommand(context: CommandContext): Command {
  return new Command("demo")
    .description("Pull 25 frames of a camera on a local emulator: a first look without an AWS account")
    .addOption(textFlag("--out <dir>", "directory of the images").default(join("frames", "demo")))
    .addOption(flag("--ffmpeg <path>", "ffmpeg to encode and decode with", text))
    .action((flags: DemoFlags) => demo(flags, context));
}

async function demo({ out, ffmpeg }: DemoFlags, context: CommandContext): Promise<void> {
  const [{ parseCamera, startEmulator }, { locateFfmpeg }] = await Promise.all([import("../emulator/index.js"), import("../decoder/locate.js")]);
  const { path } = await locateFfmpeg(ffmpeg, context.env);
  context.stderr.write("demo: starting a local Kinesis Video Streams with one camera\n");
  const emulator = await startEmulator({ ffmpeg: path, cameras: [parseCamera(`${CAMERA}=testsrc`)], env: context.env, signal: context.signal });
  try {
    const argv = ["--stream-name", CAMERA, "--region", REGION, "--endpoint-url", emulator.url, "--target-fps", "5", "--max-frames", "25", "--out", out];
    context.stderr.write(`demo: kvs-frames pull ${argv.join(" ")}\n`);
    let isDone = false;
    const pull = pullCommand({
      ...context,
      openSource: (options) => context.openSource({ ...options, credentials: CREDENTIALS, ffmpegPath: path }),
      end: (exitCode) => {
        isDone = exitCode === 0;
        context.end(exitCode);
      },
    });
    await pull.parseAsync(argv, { from: "user" });
    if (isDone) context.stderr.write(`demo: done, see ${out}; with a camera of yours: kvs-frames pull --stream-name NAME --region REGION --target-fps 5\n`);
  } finally {
    await emulator.close();
  }
}
