// Makes a fresh clone ready: packages, build, ffmpeg. Says what it does; does nothing that is already done.
// Plain JavaScript without packages, because it runs before there are any.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const say = (text) => process.stderr.write(`setup: ${text}\n`);
const fail = (text, code) => {
  say(text);
  process.exit(code);
};

/** Runs a command with its output on our stderr, so that stdout stays free for data. */
function run(command, args) {
  const shell = process.platform === "win32";
  // node-av would download a program of ffmpeg's besides.
  const env = { ...process.env, SKIP_FFMPEG: "true" };
  return spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2], shell, env }).status === 0;
}

/** apt-get tells of every package it unpacks: worth reading only when it fails. */
function runApt(...args) {
  const { status, stdout, stderr } = spawnSync("apt-get", ["-qq", ...args], { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" }, maxBuffer: 2 ** 26 });
  if (status !== 0) process.stderr.write(Buffer.concat([stdout ?? Buffer.alloc(0), stderr ?? Buffer.alloc(0)]));
  return status === 0;
}

const hashOf = (...files) => {
  const hash = createHash("sha256");
  for (const file of files) hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest("hex");
};

/** Does `work` unless its inputs are those of the last time it succeeded. */
function once(stamp, inputs, isThere, work) {
  const file = join(root, "node_modules", ".cache", "kvs-frames", stamp);
  if (isThere() && existsSync(file) && readFileSync(file, "utf8") === inputs) return;
  work();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, inputs);
}

function installPackages() {
  once("packages", hashOf("package-lock.json"), () => existsSync(join(root, "node_modules", "typescript")), () => {
    say("installing packages (npm ci)");
    if (!run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"])) fail("npm ci failed; see its message above, then run this command again", 75);
  });
}

function build() {
  const sources = readdirSync(join(root, "src"), { recursive: true }).map((name) => join("src", name.toString()));
  const files = ["package.json", "package-lock.json", "tsconfig.json", "scripts/bundle.mjs", ...sources.filter((name) => statSync(join(root, name)).isFile()).sort()];
  once("build", hashOf(...files), () => existsSync(join(root, "dist", "bundle", "cli.cjs")), () => {
    say("building (tsc, esbuild)");
    const steps = [[join("node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.json"], [join("scripts", "bundle.mjs")]];
    if (!steps.every((step) => run(process.execPath, step))) fail("the build failed; see the messages above", 70);
  });
}

const runs = (ffmpeg) => ffmpeg && spawnSync(ffmpeg, ["-version"], { stdio: "ignore" }).status === 0;

/** The order in which kvs-frames itself looks for ffmpeg (src/decoder/locate.ts), less the flag. */
function hasFfmpeg() {
  const chosen = process.env.KVS_FRAMES_FFMPEG || process.env.FFMPEG_BIN;
  if (chosen) return runs(chosen);
  let bundled;
  try {
    bundled = createRequire(import.meta.url)("ffmpeg-static");
  } catch {
    bundled = undefined; // an optional package: absent wherever its download was not possible
  }
  return runs(bundled) || runs("ffmpeg");
}

function installFfmpeg() {
  if (hasFfmpeg()) return;
  const isDebian = existsSync("/usr/bin/apt-get");
  if (isDebian && process.getuid?.() === 0) {
    say("installing ffmpeg (apt-get install ffmpeg)");
    runApt("update");
    if (runApt("install", "-y", "--no-install-recommends", "ffmpeg") && hasFfmpeg()) return;
    fail("apt-get could not install ffmpeg; install ffmpeg 5.1 or newer yourself, then run this command again", 78);
  }
  const command = isDebian ? "sudo apt-get install -y ffmpeg" : process.platform === "darwin" ? "brew install ffmpeg" : process.platform === "win32" ? "winget install ffmpeg" : "your package manager's install command for ffmpeg";
  fail(`ffmpeg 5.1 or newer is needed and none was found; run: ${command}`, 78);
}

installPackages();
build();
installFfmpeg();
