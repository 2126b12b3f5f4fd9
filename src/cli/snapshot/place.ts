import { OutputError } from "../../core/errors.js";
import { replaceFile } from "../../sinks/atomic-file.js";
import { replaceLink } from "../../sinks/atomic-link.js";
import type { NamedFrame } from "../../sinks/filename.js";
import { outputError, systemCode } from "../../sinks/output-error.js";
import type { StreamPlan } from "./plan.js";

/**
 * Puts a picture into its file, whole or not at all, then lets the link lead to it.
 * @returns the file's path
 * @throws OutputError
 */
export async function placePicture(named: NamedFrame, image: Uint8Array, { file, link }: { file: NonNullable<StreamPlan["file"]>; link: StreamPlan["link"] }): Promise<string> {
  const path = file(named);
  try {
    await replaceFile(path, image);
  } catch (error) {
    throw outputError(path, error, "--out");
  }
  if (link !== undefined) await placeLink(link(named), path);
  return path;
}

async function placeLink(link: string, path: string): Promise<void> {
  try {
    await replaceLink(link, path);
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw outputError(link, error, "--latest-link");
    throw new OutputError(`cannot put a link at ${link}: a file that is no link is there; remove it or choose another --latest-link`, { code: "CANNOT_CREATE", cause: error });
  }
}
