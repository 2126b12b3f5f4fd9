import { sep } from "node:path";
import { utcFormat } from "d3-time-format";
import { OptionError } from "../core/errors.js";
import type { Frame } from "../core/frame.js";

/** What a file name can be made of, beside the capture time. */
export interface NamedFrame {
  readonly frame: Pick<Frame, "capturedAt" | "fragment" | "index">;
  /** Position in this run, from 0. */
  readonly seq: number;
}

export type FilenameTemplate = (named: NamedFrame) => string;

export interface FilenameOptions {
  readonly cameraId: string;
  /** Of {ext}, and added where it is missing. */
  readonly extension: string;
  /** Nothing is added: the name is what the template says. */
  readonly isExact?: boolean;
  /** What chose the template, for messages. Default: filename. */
  readonly option?: string;
}

const PLACEHOLDERS = ["camera", "seq", "fragment", "index", "ext"] as const;
/** strftime as d3 knows it, less %c, %x and %X, whose slashes would make directories. */
const DIRECTIVES = "aAbBdefgGHIjLmMpqQsSuUVwWyYZ%";
const TOKEN = /%[-_0]?(.?)|\{([^{}]*)\}/gs;

const SEQ_DIGITS = 6;
const INDEX_DIGITS = 4;

/**
 * Compiles strftime directives (UTC, %L is milliseconds) and {camera} {seq} {fragment} {index} {ext} into a function.
 * The name may hold directories but never leaves the one it is put into. The extension is added where it is missing.
 * @throws OptionError for an unknown placeholder or directive, or a path that leads out.
 */
export function compileFilename(template: string, { cameraId, extension, isExact = false, option = "filename" }: FilenameOptions): FilenameTemplate {
  refuseEscapes(template, option);
  const isComplete = isExact || template.includes("{ext}") || template.toLowerCase().endsWith(`.${extension}`);
  const parts: FilenameTemplate[] = [];
  let end = 0;
  for (const match of template.matchAll(TOKEN)) {
    const literal = template.slice(end, match.index);
    parts.push(() => literal, compileToken(match, { cameraId: safeSegment(cameraId), extension, option }));
    end = match.index + match[0].length;
  }
  const tail = template.slice(end) + (isComplete ? "" : `.${extension}`);
  return (named) => parts.map((part) => part(named)).join("") + tail;
}

function compileToken([token, directive, name]: RegExpExecArray, { cameraId, extension, option }: FilenameOptions & { readonly option: string }): FilenameTemplate {
  switch (name) {
    case "camera":
      return () => cameraId;
    case "seq":
      return ({ seq }) => String(seq).padStart(SEQ_DIGITS, "0");
    case "fragment":
      return ({ frame }) => safeSegment(frame.fragment);
    case "index":
      return ({ frame }) => String(frame.index).padStart(INDEX_DIGITS, "0");
    case "ext":
      return () => extension;
    case undefined:
      return compileDirective(token, directive ?? "", option);
    default:
      throw new OptionError(`${option} has an unknown placeholder ${token}; known are ${PLACEHOLDERS.map((known) => `{${known}}`).join(" ")}`, option);
  }
}

function compileDirective(token: string, directive: string, option: string): FilenameTemplate {
  if (directive === "" || !DIRECTIVES.includes(directive)) {
    throw new OptionError(`${option} has an unknown time directive "${token}"; write %% for a percent sign, or one of %Y %m %d %H %M %S %L`, option);
  }
  const format = utcFormat(token);
  return ({ frame }) => format(new Date(frame.capturedAt));
}

/** Checks the literal text, as no value can add a slash, or be empty or all dots. */
function refuseEscapes(template: string, option: string): void {
  const refuse = (why: string): never => {
    throw new OptionError(`${option} must stay inside the output directory, and ${JSON.stringify(template)} ${why}`, option);
  };
  if (template.includes("\0")) refuse("has a NUL character");
  if (/^([/\\]|[a-z]:)/i.test(template)) refuse("is an absolute path");
  const segments = template.replace(TOKEN, "x").split(/[/\\]/);
  if (segments.some((segment) => /^\.+$/.test(segment))) refuse('has a ".." or "." segment');
  if (segments.some((segment) => segment === "")) refuse("has an empty name");
}

/** Names of devices, with any extension: https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)/i;

/**
 * A value as one segment of a path: no separators, no control characters, not hidden, not empty; on Windows also none of the
 * characters, ends and names that its file systems keep for themselves.
 */
export function safeSegment(value: string, isWindows = sep === "\\"): string {
  const safe = value.replace(/[/\\\p{Cc}]/gu, "_").replace(/^\.+/, "_") || "_";
  return isWindows ? safe.replace(/[<>:"|?*]/g, "_").replace(/[. ]+$/, "_").replace(DEVICE, "$1_") : safe;
}
