import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { temporaryDirectory } from "./test-frame.js";

const mount = (directory: string, options: string): boolean => spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", directory]).status === 0;
const unmount = (directory: string): unknown => spawnSync("umount", [directory]);

function canMount(): boolean {
  const directory = mkdtempSync(join(tmpdir(), "kvs-frames-"));
  const isMounted = mount(directory, "size=4k");
  if (isMounted) unmount(directory);
  rmdirSync(directory);
  return isMounted;
}

/** For a test's `skip` option: mounting takes a Linux and its root. */
export const mountMissing: string | false = canMount() ? false : "mounting a file system is not allowed here";

/** A file system of the test's own, for the failures that an ordinary directory does not have. */
export async function mountTmpfs(context: TestContext, options: string): Promise<string> {
  const directory = await temporaryDirectory(context, unmount);
  assert.ok(mount(directory, options));
  return directory;
}
