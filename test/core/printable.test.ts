import assert from "node:assert/strict";
import { test } from "node:test";
import { printable, printableJson } from "../../src/core/redact.js";

test("printable: control characters are replaced, in JSON as well, and JSON stays JSON", () => {
  assert.equal(printable("a\u001b[31mb\u009bc\td\n"), "a\uFFFD[31mb\uFFFDc\td\n");
  assert.equal(printable("C:\\bin\\front \\u001b"), "C:\\bin\\front \\u001b");
  const texts = ["\u001b[2J", "back\\slash", "\\u001b as text", "\\\u001b", "\r\b", "plain é"];
  for (const text of texts) {
    const read = JSON.parse(printableJson(JSON.stringify({ text }))) as { text: string };
    assert.doesNotMatch(read.text, /(?![\t\n])\p{Cc}/u);
    if (!/\p{Cc}/u.test(text)) assert.equal(read.text, text);
  }
});
