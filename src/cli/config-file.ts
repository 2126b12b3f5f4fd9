import { readFile } from "node:fs/promises";
import type { Command, Option } from "commander";
import { OptionError } from "../core/errors.js";

/** Takes from the file of --config what the command line did not say; each value passes the same reader as its flag. */
export async function applyConfigFile(command: Command): Promise<void> {
  const file: unknown = command.getOptionValue("config");
  if (typeof file !== "string") return;
  for (const [key, value] of Object.entries(await readConfig(file))) {
    const option = command.options.find((known) => key === known.attributeName() || key === known.name());
    if (option === undefined || key === "config") throw new OptionError(`config file "${file}" has an unknown key "${key}"; keys are the long flags of ${command.name()} --help`, "config");
    const name = option.attributeName();
    if (command.getOptionValueSource(name) !== "cli") command.setOptionValueWithSource(name, readValue(option, key, value, file), "config");
  }
}

async function readConfig(file: string): Promise<object> {
  const config: unknown = parse(await read(file), file);
  if (typeof config !== "object" || config === null || Array.isArray(config)) throw new OptionError(`config file "${file}" must hold a JSON object of flags and values`, "config");
  return config;
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new OptionError(`config file "${file}" cannot be read: ${error instanceof Error ? error.message : String(error)}`, "config");
  }
}

function parse(json: string, file: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new OptionError(`config file "${file}" is not JSON: ${error instanceof Error ? error.message : String(error)}`, "config");
  }
}

function readValue(option: Option, key: string, value: unknown, file: string): unknown {
  const isSwitch = !option.required;
  if (isSwitch) {
    if (typeof value !== "boolean") throw new OptionError(`config file "${file}": ${key} must be true or false, got ${JSON.stringify(value)}`, "config");
    return option.negate && key === option.name() ? !value : value;
  }
  if (typeof value !== "string" && typeof value !== "number") throw new OptionError(`config file "${file}": ${key} must be text or a number, got ${JSON.stringify(value)}`, "config");
  return option.parseArg?.(String(value), undefined);
}
