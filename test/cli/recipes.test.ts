import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import sharp from "sharp";
import { parseCamera } from "../../src/emulator/index.js";
import { Command } from "../helpers/command.js";
import { Emulated } from "../helpers/emulated.js";

const recipes = await readFile(new URL("../../docs/recipes.md", import.meta.url), "utf8");
const blocks = Array.from(recipes.matchAll(/^```(sh|crontab)\n(.*?)^```$/gms), ([, kind, lines]) => ({ kind: kind!, lines: lines! }));

const emulated = new Emulated({ limits: false, cameras: ["front-door", "yard"].map((name) => parseCamera(`${name}=testsrc,size=192x108,fps=10,fragment=2,loop=4,history=1200`)) });

/** What cron would give to the shell: without the five fields of time, and with its percent signs. */
const ofCrontab = (lines: string): string => lines.replace(/^[A-Z_]+=.*$/gm, "export $&").replace(/^(\S+ ){5}/m, "").replaceAll("\\%", "%");

describe("the recipe", { concurrency: 3 }, () => {
  test("book has some", () => assert.ok(blocks.length >= 9));

  for (const [place, { kind, lines }] of blocks.entries()) {
    test(`${place + 1} runs: ${lines.split("\n", 1)[0]}`, async (context) => {
      const script = (kind === "crontab" ? ofCrontab(lines) : lines).replaceAll("kvs-frames snapshot", "run snapshot").replaceAll("/var/www", "www");
      // In a process of its own, for a recipe goes on after it.
      const command = await Command.shell(context, `run() { (kvs-frames "$@"); }; mkdir www; ${script}`, { AWS_ENDPOINT_URL: emulated.emulator.url });
      const { code, stdout, stderr } = await command.ended;
      assert.deepEqual([code, stderr], [0, ""]);
      const files = (await readdir(command.directory, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile() || entry.isSymbolicLink());
      const pictures = files.filter(({ name }) => /\.(jpg|png)$/.test(name));
      for (const { parentPath, name } of pictures) await sharp(await readFile(join(parentPath, name))).stats();
      assert.ok(pictures.length > 0 || files.some(({ name }) => name === "door.txt"), "a picture came");
      if (kind === "crontab") assert.equal(stdout.length, 0, "nothing that cron would mail");
    });
  }
});
