import { readFile } from "node:fs/promises";
import { OptionError } from "../core/errors.js";
import { parseFaults } from "../emulator/faults/parse.js";
import type { FaultInput } from "../emulator/index.js";

/**
 * The faults of a file {"faults": […]}, all of them checked.
 * @throws OptionError saying in one sentence what is wrong with the file
 */
export async function readFaults(file: string, streams: readonly string[]): Promise<readonly FaultInput[]> {
  const refuse = (what: string, error?: unknown): never => {
    throw new OptionError(`faults file "${file}" ${what}${error instanceof Error ? `: ${error.message}` : ""}`, "faults");
  };
  const json = await readFile(file, "utf8").catch((error: unknown) => refuse("cannot be read", error));
  const { faults, ...others } = parseObject(json) ?? refuse('must hold a JSON object with a list of "faults"');
  const [other] = Object.keys(others);
  if (other !== undefined) refuse(`has an unknown key "${other}"; its only key is "faults"`);
  try {
    parseFaults(faults, streams);
    return faults as readonly FaultInput[];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return refuse("cannot work", error);
  }

  function parseObject(text: string): { readonly faults?: unknown } | undefined {
    try {
      const value: unknown = JSON.parse(text);
      return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
    } catch (error) {
      return refuse("is not JSON", error);
    }
  }
}
