import assert from "node:assert/strict";

/** A session's token as the service and the emulator make them: about 200 characters of URL-safe base64 and a tilde. */
const TOKEN = /CiB[\w-]{150,250}(~|%7E)/i;

/** What anyone may read holds no session's token. */
export function assertNoToken(text: string, where: string): void {
  const at = text.search(TOKEN);
  assert.equal(at, -1, `a session's token is in ${where}: …${text.slice(Math.max(0, at - 100), at)}`);
}
