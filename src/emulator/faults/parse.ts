import * as v from "valibot";
import { faultSchema, fieldsOf, KINDS, type Fault } from "./schema.js";

/**
 * Checks faults as a file or a program gives them.
 * @param streams the names there are
 * @param place what the list is called in a message
 * @throws RangeError saying in one sentence where, what was wanted and what was seen
 */
export function parseFaults(given: unknown, streams: readonly string[], place = "faults"): Fault[] {
  if (!Array.isArray(given)) throw new RangeError(`${place} must be a list of faults, got ${shown(given)}`);
  return given.map((fault, i) => parseFault(fault, streams, `${place}[${i}]`));
}

export function parseFault(given: unknown, streams: readonly string[], place: string): Fault {
  const result = v.safeParse(faultSchema, given, { abortEarly: true });
  if (!result.success) throw new RangeError(`${place}: ${sentence(result.issues[0], given)}`);
  const { output: fault } = result;
  if (fault.stream !== undefined && !streams.includes(fault.stream)) {
    throw new RangeError(`${place}: "stream" must be one of ${quoted(streams)}, got ${shown(fault.stream)}`);
  }
  return fault;
}

function sentence(issue: v.InferIssue<typeof faultSchema>, given: unknown): string {
  const field = v.getDotPath(issue);
  if (field === null) return `a fault must be an object with a "kind", got ${shown(given)}`;
  if (field === "kind") return `"kind" must be one of ${KINDS.join(", ")}, got ${shown(issue.input)}`;
  const { kind } = given as Fault;
  if (issue.expected === "never") return `"${field}" is no field of ${kind}, which has ${quoted(fieldsOf(kind))}`;
  if (issue.type === "strict_object") return `"${field}" is missing, which ${kind} needs`;
  return `"${field}" must be ${issue.message}, got ${shown(issue.input)}`;
}

const LONGEST_SHOWN = 100;

function shown(value: unknown): string {
  const json = value === undefined ? "nothing" : JSON.stringify(value);
  return json.length > LONGEST_SHOWN ? `${json.slice(0, LONGEST_SHOWN)}…` : json;
}

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(", ");
