import { createHash } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { Script } from "node:vm";

/**
 * Loads a CommonJS script as `require` does, with what V8 compiled of it when it ran last: a start is some 40 ms shorter. For Node.js
 * before 22.1, which has no such cache of its own. What comes from the cache cannot `import()`.
 * @param directory where it is kept: nobody else may write there, since what is compiled is run
 * @param purpose what the script is run for: of each, other parts of it are compiled
 */
export function requireCached(file, directory, purpose) {
  const source = readFileSync(file, "latin1"); // it has ASCII only (scripts/bundle.mjs)
  const cache = join(directory, `${purpose}-${createHash("sha1").update(source).digest("hex").slice(0, 16)}-${process.version}.bin`);
  const wrapped = `(function (exports, require, module, __filename, __dirname) {${source}\n})`;
  const cachedData = readOrUndefined(cache);
  const script = new Script(wrapped, { filename: file, cachedData });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file));
  if (cachedData === undefined || script.cachedDataRejected) process.on("exit", () => keep(script, cache, purpose));
  return module.exports;
}

/** V8 does not notice every damage of what it compiled, and crashes. */
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
    for (const name of readdirSync(directory)) if (name.startsWith(`${purpose}-`) && name !== basename(unfinished)) rmSync(join(directory, name), { force: true });
    renameSync(unfinished, cache);
  } catch {
    try {
      unlinkSync(unfinished);
    } catch {
      // it could not be made either
    }
  }
}
