import assert from "node:assert/strict";
import { recordsOf, type CommandResult } from "./command.js";

export interface Failure {
  readonly code: number;
  /** The sentence that says so. */
  readonly says: RegExp;
  /** Found before anything was opened: no record is written. */
  readonly isEarly?: boolean;
}

/** A failed run as a user and a script see it: one sentence, no stack, no token, and the same in the summary as in the exit code. */
export function assertFailure({ code, stdout, stderr }: CommandResult, expected: Failure): void {
  assert.equal(code, expected.code, stderr);
  const lines = stderr.trimEnd().split("\n");
  for (const line of lines) assert.match(line, /^(kvs-frames: |\[\d\d:\d\d:\d\d\.\d{3}\] (INFO|WARN|ERROR): )/, "every line on stderr is ours");
  const told = lines.filter((line) => /^kvs-frames: | ERROR: /.test(line));
  assert.equal(told.length, 1, stderr);
  assert.match(told[0] ?? "", expected.says);
  assert.doesNotMatch(stderr, /^\s+at /m);
  assert.doesNotMatch(`${stdout.toString()}${stderr}`, /SessionToken=(?!…)/);
  const last = recordsOf(stdout).at(-1);
  if (expected.isEarly) {
    assert.equal(last, undefined);
    assert.equal(lines.length, 1, stderr);
    return;
  }
  const { type, ended, exitCode, error } = last ?? {};
  assert.deepEqual([type, ended, exitCode], ["summary", "error", expected.code]);
  assert.match((error as { message: string }).message, expected.says);
}
