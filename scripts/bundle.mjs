// Bundles what tsc has checked: one file for each way in (the library has a few more for what only some programs need), so that a
// start reads a few files rather than hundreds. Types come from tsc.
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Two below the package's own directory, like the sources: what is found from there by a relative path stays where it is. */
const directory = join(root, "dist", "bundle");

const SHARED = {
  absWorkingDir: root,
  outdir: directory,
  bundle: true,
  platform: "node",
  target: "node20.10",
  // Whole names, for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  // As ES modules, of which the unused half of the AWS SDK can be left out.
  mainFields: ["module", "main"],
  // sharp is native, ffmpeg-static optional and a binary, and socks serves few.
  external: ["sharp", "ffmpeg-static", "socks"],
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
};

/**
 * The command line is one script, of which what V8 has compiled can be kept (bin/code-cache.js). What a command needs besides runs when
 * it is asked for.
 */
const COMMAND_LINE = {
  entryPoints: { cli: "src/cli/main.ts" },
  format: "cjs",
  outExtension: { ".js": ".cjs" },
  define: { "import.meta.url": "itsUrl" },
  banner: { js: 'const itsUrl=require("node:url").pathToFileURL(__filename).href,itsImport=name=>require("./import.cjs")(name);' },
};

const LIBRARY = {
  entryPoints: { index: "src/index.ts", jpeg: "src/jpeg.ts", emulator: "src/emulator/index.ts" },
  format: "esm",
  splitting: true,
  chunkNames: "library-[name]-[hash]",
  // For bundled CommonJS that asks for modules of Node; made when it does, since most files hold none.
  banner: { js: 'import{createRequire as requireFrom}from"node:module";let itsRequire;const require=id=>(itsRequire??=requireFrom(import.meta.url))(id);' },
};

await rm(directory, { recursive: true, force: true });
const results = [];
for (const bundle of [COMMAND_LINE, LIBRARY]) results.push(await build({ ...SHARED, ...bundle }));
await makeCacheable(join(directory, "cli.cjs"));
// What is in which file: to look into, and for tests.
await writeFile(`${directory}.json`, JSON.stringify(Object.assign({}, ...results.map(({ metafile }) => metafile.outputs))));
await writeFile(join(directory, "LICENSES.txt"), await licences(results.flatMap(({ metafile }) => Object.keys(metafile.inputs))));

await removeUnreachableTypes(["index", "jpeg", "emulator/index"].map((name) => join(root, "dist", `${name}.d.ts`)));

/** Of what each module exports, users need what the entry points lead to; the rest would only be shipped. */
async function removeUnreachableTypes(entries) {
  const reached = new Set();
  for (const queue = [...entries]; queue.length > 0; ) {
    const file = queue.pop();
    if (reached.has(file)) continue;
    reached.add(file);
    const text = await readFile(file, "utf8");
    for (const [, path] of text.matchAll(/(?:from|import\()\s*"(\.[^"]*)\.js"/g)) queue.push(`${join(dirname(file), path)}.d.ts`);
  }
  const all = await readdir(join(root, "dist"), { recursive: true });
  const unreachable = all.map((file) => join(root, "dist", file)).filter((file) => file.endsWith(".d.ts") && !reached.has(file));
  await Promise.all(unreachable.map((file) => rm(file)));
}

/** In ASCII, so that it is read in one go, and without `import()`, which V8 does not find its way from once it comes from a cache. */
async function makeCacheable(file) {
  const text = await readFile(file, "utf8");
  const plain = text
    .replace(/[\u0080-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .replace(/\bimport\(/g, "itsImport(");
  await writeFile(file, plain);
  await writeFile(join(directory, "import.cjs"), "module.exports = (name) => import(name);\n");
}

/** Their licences ask to go where their code goes. */
async function licences(inputs) {
  const packages = new Set(inputs.map((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]).filter(Boolean));
  const texts = await Promise.all([...packages].sort().map(licence));
  return texts.join("\n\n");
}

async function licence(folder) {
  const { name, version, license } = JSON.parse(await readFile(join(root, folder, "package.json"), "utf8"));
  const file = (await readdir(join(root, folder))).find((each) => /^(licen[cs]e|copying)/i.test(each));
  const text = file === undefined ? "" : `\n\n${await readFile(join(root, folder, file), "utf8")}`;
  return `${name} ${version}: ${license}${text}`;
}
