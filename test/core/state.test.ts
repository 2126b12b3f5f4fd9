import assert from "node:assert/strict";
import { test } from "node:test";
import { canTransition, CONNECTION_STATES, type ConnectionState } from "../../src/core/state.js";

test("a state's number is the gauge's value", () => {
  assert.deepEqual(CONNECTION_STATES, { disconnected: 0, connecting: 1, connected: 2, reconnecting: 3, error: 4 });
});

test("these changes are allowed, and no others", () => {
  const allowed = new Set([
    "disconnected>connecting",
    "connecting>connected", "connecting>reconnecting", "connecting>error", "connecting>disconnected",
    "connected>reconnecting", "connected>error", "connected>disconnected",
    "reconnecting>connected", "reconnecting>error", "reconnecting>disconnected",
    "error>disconnected",
  ]);
  const states = Object.keys(CONNECTION_STATES) as ConnectionState[];
  for (const from of states) for (const to of states) assert.equal(canTransition(from, to), allowed.has(`${from}>${to}`), `${from}>${to}`);
});
