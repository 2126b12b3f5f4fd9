import * as v from "valibot";
import { hits, moment, requests, someTime, span, text, whole } from "./fields.js";

const kind = <const K extends string, E extends v.ObjectEntries>(name: K, fields: E) => v.strictObject({ kind: v.literal(name), ...fields });
const anyWhole = whole(-Number.MAX_SAFE_INTEGER);
const afterBytes = v.optional(whole(0));

/** All kinds of faults with their fields; docs/faults.md says what each does. Times are milliseconds once read. */
export const faultSchema = v.variant("kind", [
  kind("status", { ...requests, status: whole(200, 599), error: v.optional(text), message: v.optional(text) }),
  kind("reset", requests),
  kind("reset-body", { ...requests, afterBytes }),
  kind("stall", { ...requests, afterBytes }),
  kind("drip", { ...requests, bytesPerSecond: v.optional(whole(1), 100) }),
  kind("truncate", { ...requests, afterBytes }),
  kind("empty", requests),
  kind("corrupt", { ...hits, bytes: v.optional(whole(1), 1000), seed: v.optional(whole(0), 1) }),
  kind("non-key", hits),
  kind("malformed", { ...requests, body: v.optional(text, "<html><body>Bad gateway</body></html>\n") }),
  kind("frozen", span),
  kind("jump", span),
  kind("expire", moment),
  kind("revoke", moment),
  kind("offline", span),
  kind("clock-step", { ...moment, byMs: anyWhole }),
  kind("resend", { ...moment, ago: v.optional(someTime, "30s"), length: v.optional(someTime, "10s") }),
  kind("init", moment),
]);

/** A fault as it is written: times as text with a unit, or in seconds. */
export type FaultInput = v.InferInput<typeof faultSchema>;
/** A fault as it is carried out: times in milliseconds. */
export type Fault = v.InferOutput<typeof faultSchema>;
export type FaultKind = Fault["kind"];

const OPTIONS = new Map(faultSchema.options.map((option) => [option.entries.kind.literal, option.entries]));
export const KINDS: readonly string[] = [...OPTIONS.keys()];

/** Names of the fields that a kind has. */
export const fieldsOf = (name: FaultKind): readonly string[] => Object.keys(OPTIONS.get(name) ?? {});
