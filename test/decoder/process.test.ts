import assert from "node:assert/strict";
import { test } from "node:test";
import { startFfmpeg } from "../../src/decoder/process.js";

const TOKEN = "CiBhb3N0aWxl".repeat(30);

/** How a program ended that said this on stderr, piece by piece. */
async function lastWords(pieces: readonly string[]): Promise<string> {
  const script = pieces.map((piece) => `printf %s '${piece}' >&2; sleep 0.1`).join("; ");
  const { exited } = await startFfmpeg({ path: "sh", version: "", env: process.env }, ["-c", `${script}; exit 1`], { buffer: Buffer.alloc(1), callback: () => true });
  return (await exited).description;
}

const url = `https://b-1.kinesisvideo.example/x?SessionToken=${TOKEN}`;
const cases: Readonly<Record<string, readonly string[]>> = {
  "in one piece": [url],
  "cut in the token": [url.slice(0, -TOKEN.length / 2), url.slice(-TOKEN.length / 2)],
  "cut in its name": [url.slice(0, url.indexOf("Token=")), url.slice(url.indexOf("Token="))],
  "with much before it": [`${"x".repeat(400)} ${url.slice(0, -100)}`, url.slice(-100)],
  "with much after it": [`${url}&TrackNumber=1 `, "y".repeat(250)],
  "cut twice, with much after it": [url.slice(0, -200), url.slice(-200), `&${"y".repeat(250)}`],
};
for (const [what, pieces] of Object.entries(cases)) {
  test(`a long line ${what} holds no token when it is cut`, async () => {
    const description = await lastWords(pieces);
    assert.match(description, /^exit code 1: /);
    assert.doesNotMatch(description, /CiBhb|b3N0aWxl/, description);
  });
}
