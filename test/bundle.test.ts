import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, test } from "node:test";
import { parseCamera } from "../src/emulator/index.js";
import { CREDENTIALS, Emulated, FFMPEG } from "./helpers/emulated.js";
import { temporaryDirectory } from "./helpers/test-frame.js";

const root = fileURLToPath(new URL("..", import.meta.url));

interface Output {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly imports: readonly { readonly path: string; readonly kind: string; readonly external?: boolean }[];
}

/** The packages that are loaded with a file of the bundle, before anything of it runs. */
async function loadedWith(file: string): Promise<Set<string>> {
  const outputs = JSON.parse(await readFile(join(root, "dist/bundle.json"), "utf8")) as Record<string, Output>;
  const files = new Set([`dist/bundle/${file}`]);
  const packages = new Set<string>();
  for (const each of files) {
    const { inputs, imports } = outputs[each]!;
    for (const input of Object.keys(inputs)) packages.add(/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? "ours");
    for (const { path, kind, external } of imports) {
      if (kind === "dynamic-import") continue;
      if (external) packages.add(path);
      else files.add(path);
    }
  }
  return packages;
}

/** Prints, when a process ends, what it has loaded: modules of Node.js, and files. */
const LOADED = `process.on("exit", () => require("node:fs").writeSync(2, JSON.stringify([...process.moduleLoadList, ...Object.keys(require.cache)])));`;
/** What none of the heavy packages runs without: connections (the AWS clients, prom-client's server), threads (pino), or itself. */
const NEEDED_BY_HEAVY = /^NativeModule (http|https|http2|worker_threads)$|node_modules/;

describe("what is loaded at the start", () => {
  test("of any command for its help is none of the heavy packages", async (context) => {
    const hook = join(await temporaryDirectory(context), "hook.cjs");
    await writeFile(hook, LOADED);
    const loaded = (...argv: string[]): string[] => {
      const { stderr } = spawnSync(process.execPath, ["--require", hook, join(root, "bin/kvs-frames.js"), ...argv], { encoding: "utf8" });
      return (JSON.parse(stderr.slice(stderr.lastIndexOf('["'))) as string[]).filter((name) => NEEDED_BY_HEAVY.test(name));
    };
    for (const argv of [["--help"], ["--version"], ["pull", "--help"], ["snapshot", "--help"], ["emulate", "--help"]]) assert.deepEqual(loaded(...argv), [], argv.join(" "));
    assert.ok(loaded("snapshot", "--stream-name", "x", "--region", "us-east-1", "--endpoint-url", "http://127.0.0.1:1", "--timeout", "1s").length > 0, "it would be seen");
  });

  test("of the library is no command line, no image library, and no AWS client", async () => {
    const packages = await loadedWith("index.js");
    assert.deepEqual([...packages].filter((name) => /^(commander|sharp|pino.*|prom-client|@aws-sdk\/.*|@smithy\/.*|socks)$/.test(name)), []);
  });
});

const emulated = new Emulated({ limits: false, cameras: [parseCamera("front=testsrc,size=320x180")] });

/** The package as npm would install it, beside what it depends on and nothing else. */
async function install(directory: string): Promise<void> {
  const packed = spawnSync("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", directory], { cwd: root, encoding: "utf8" });
  const [archive] = (await readdir(directory)).filter((name) => name.endsWith(".tgz"));
  assert.ok(archive, packed.stderr);
  const place = join(directory, "node_modules/kvs-frames");
  await mkdir(place, { recursive: true });
  assert.equal(spawnSync("tar", ["-xzf", join(directory, archive), "-C", place, "--strip-components=1"]).status, 0);
  const { packages } = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")) as { packages: Record<string, { dev?: boolean; devOptional?: boolean }> };
  for (const [path, { dev }] of Object.entries(packages)) {
    if (path === "" || dev) continue;
    await mkdir(join(directory, path, ".."), { recursive: true });
    spawnSync("cp", ["-r", join(root, path), join(directory, path)]); // an optional one may not be here
  }
}

test("the package works where it is installed: command, library and types", { timeout: 180_000 }, async (context) => {
  const directory = await temporaryDirectory(context);
  await install(directory);
  const env = { ...process.env, AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId, AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey, KVS_FRAMES_FFMPEG: FFMPEG };
  const node = async (...argv: string[]) => {
    const child = spawn(process.execPath, argv, { cwd: directory, env, stdio: ["ignore", "pipe", "pipe"] });
    const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    return { stdout, stderr, status: Number(status) };
  };

  const bin = "node_modules/kvs-frames/bin/kvs-frames.js";
  const flags = ["--stream-name", "front", "--region", "us-east-1", "--endpoint-url", emulated.emulator.url];
  assert.match((await node(bin, "--version")).stdout, /^\d+\.\d+\.\d+\n$/);
  const snapshot = await node(bin, "snapshot", ...flags, "--out", "front.jpg");
  assert.deepEqual([snapshot.status, snapshot.stderr], [0, ""]);
  const pull = await node(bin, "pull", ...flags, "--max-frames", "2");
  assert.equal(pull.status, 0, pull.stderr);
  const refused = await node(bin, "snapshot", "--stream-name", "none", ...flags.slice(2), "--out", "none.jpg");
  assert.equal(refused.status, 66);
  assert.match(refused.stderr, /ERROR: cannot open stream "none"/);

  await writeFile(join(directory, "names.mjs"), 'for (const part of ["", "/jpeg", "/emulator"]) console.log(Object.keys(await import(`kvs-frames${part}`)).join());');
  assert.match((await node("names.mjs")).stdout, /KvsHlsFrameSource.*\nencodeJpeg,encodePng,encodeWebp\n.*startEmulator/);

  const program = 'import { KvsHlsFrameSource, type Frame } from "kvs-frames";\nimport { encodeJpeg } from "kvs-frames/jpeg";\nimport { startEmulator } from "kvs-frames/emulator";\nexport const jpegOf = (frame: Frame): Promise<Buffer> => encodeJpeg(frame);\nexport const source = new KvsHlsFrameSource({ streamName: "a" });\nexport const wrong: number = startEmulator;\n';
  await writeFile(join(directory, "program.mts"), program);
  const checked = await node(join(root, "node_modules/typescript/bin/tsc"), "--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--lib", "es2022,esnext.disposable", "--skipLibCheck", "--typeRoots", join(root, "node_modules/@types"), "--types", "node", "program.mts");
  assert.match(checked.stdout, /^program\.mts\(6,14\): error TS2322: .* not assignable to type 'number'\.\n$/);
});
