import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { ESLint } from "eslint";

const root = fileURLToPath(new URL("..", import.meta.url));

/** A line that breaks a rule of the layout, and the file to plant it in. */
const VIOLATIONS: readonly [file: string, line: string][] = [
  ["src/core/planted.ts", 'import "node:fs";'],
  ["src/core/planted-upwards.ts", 'import "../hls/playlist.js";'],
  ["src/session/planted.ts", 'import "../hls/playlist.js";'],
  ["src/hls/planted.ts", 'import "../session/api.js";'],
  ["src/media/planted.ts", 'import "../decoder/decoder.js";'],
  ["src/decoder/planted.ts", 'import "../media/samples.js";'],
  ["src/sinks/planted.ts", 'import "../telemetry/logger.js";'],
  ["src/telemetry/planted.ts", 'import "../source/source.js";'],
  ["src/source/planted.ts", 'import "../sinks/manifest.js";'],
  ["src/source/planted-upwards.ts", 'import "../cli/main.js";'],
  ["src/emulator/planted.ts", 'import "../core/frame.js";'],
  ["src/emulator/hls/planted.ts", 'import "../../hls/playlist.js";'],
  ["src/hls/planted-process.ts", "export const answer = process.pid;"],
  ["src/hls/planted-long.ts", "\nexport {};".repeat(251)],
];

test("lint refuses every import across the boundaries, the process outside main, and files above 250 lines", { timeout: 120_000 }, async () => {
  try {
    for (const [file, line] of VIOLATIONS) await writeFile(`${root}/${file}`, `${line}\n`);
    const results = await new ESLint({ cwd: root }).lintFiles(VIOLATIONS.map(([file]) => file));
    for (const [file] of VIOLATIONS) {
      const found = results.find(({ filePath }) => filePath.endsWith(file))?.messages.map(({ ruleId }) => ruleId) ?? [];
      const rule = file.includes("long") ? "max-lines" : file.includes("process") ? "no-restricted-globals" : "no-restricted-imports";
      assert.ok(found.includes(rule), `${file} should be refused by ${rule}, found: ${found.join(", ") || "nothing"}`);
    }
  } finally {
    for (const [file] of VIOLATIONS) await rm(`${root}/${file}`, { force: true });
  }
});
