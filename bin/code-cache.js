import { createHash } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { Script } from "node:vm";

/**
 * Loads a CommonJS script as `require` does, with the code that V8 compiled for it last time, which
 * makes a start some 40 ms shorter. For Node.js before 22.1, which has no such cache. A script from
 * the cache cannot `import()`.
 * @param directory where it is kept: nobody else may write there, since what is compiled is run
 * @param purpose what the script is run for: of each, other parts of it are compiled
 */
export function requireCached(file, directory, purpose) {
  const source = readFileSync(file, "latin1"); // it has ASCII only (scripts/bundle.mjs)
  const version = digestOf(source).toString("hex", 0, 8);
  const cache = join(directory, `${purpose}-${version}-${process.version}.bin`);
  const wrapped = `(function (exports, require, module, __filename, __dirname) {${source}\n})`;
  const cachedData = readOrUndefined(cache);
  const script = new Script(wrapped, { filename: file, cachedData });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file));
  if (cachedData === undefined || script.cachedDataRejected) process.on("exit", () => keep(script, cache, purpose));
  return module.exports;
}

/** Returns the compiled code if its digest is right: V8 does not detect all damage, and would crash. */
function readOrUndefined(path) {
  try {
    const kept = readFileSync(path);
    const data = kept.subarray(DIGEST_BYTES);
    return digestOf(data).equals(kept.subarray(0, DIGEST_BYTES)) ? data : undefined;
  } catch {
    return undefined;
  }
}

const DIGEST_BYTES = 20;
const digestOf = (data) => createHash("sha1").update(data).digest();

/** Without a right to write there, or a home at all, every start compiles anew. */
function keep(script, cache, purpose) {
  const directory = dirname(cache);
  // Whole or not at all, whoever else writes it.
  const unfinished = `${cache}.${process.pid}`;
  try {
    const data = script.createCachedData();
    writeFileSync(unfinished, Buffer.concat([digestOf(data), data]), { mode: 0o600 });
    const others = readdirSync(directory).filter((name) => name !== basename(unfinished));
    for (const name of others) {
      if (name.startsWith(`${purpose}-`)) rmSync(join(directory, name), { force: true });
    }
    renameSync(unfinished, cache);
  } catch {
    try {
      unlinkSync(unfinished);
    } catch {
      // it could not be made either
    }
  }
}
