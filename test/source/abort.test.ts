import assert from "node:assert/strict";
import { test } from "node:test";
import type { SourceEvent } from "../../src/core/events.js";
import { KvsHlsFrameSource } from "../../src/source/source.js";
import { startServer } from "../helpers/scripted-server.js";

test("a signal that is aborted while a source waits to try again ends it at once with the signal's own reason", async (context) => {
  const gone = await startServer(() => undefined);
  await gone[Symbol.asyncDispose]();
  for (const [name, value] of Object.entries({ AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "x", AWS_REGION: "eu-west-1" })) {
    const before = process.env[name];
    process.env[name] = value;
    context.after(() => (before === undefined ? Reflect.deleteProperty(process.env, name) : (process.env[name] = before)));
  }
  const controller = new AbortController();
  const reason = new Error("enough");
  const events: SourceEvent[] = [];
  const onEvent = (event: SourceEvent): void => {
    events.push(event);
    if (event.type === "reconnect") setTimeout(() => controller.abort(reason), 50);
  };
  await using source = new KvsHlsFrameSource({ streamName: "front", endpointUrl: gone.origin, reconnectDelay: 60, signal: controller.signal, onEvent });
  const startedAt = performance.now();
  await assert.rejects(source.readFrame(), (error) => error === reason);
  assert.ok(performance.now() - startedAt < 20_000);
  assert.deepEqual(events.flatMap((event) => (event.type === "state" ? [event.state] : [])), ["connecting", "reconnecting", "disconnected"]);
  assert.equal(source.state, "disconnected");
});
