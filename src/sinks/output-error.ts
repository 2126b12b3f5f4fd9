import { OutputError, type ErrorCode } from "../core/errors.js";

interface Reason {
  readonly code: Extract<ErrorCode, "CANNOT_CREATE" | "WRITE_FAILED">;
  readonly what: string;
  /** What to do, before "or choose another --out". */
  readonly advice?: string;
}

const REASONS: Readonly<Record<string, Reason>> = {
  ENOENT: { code: "CANNOT_CREATE", what: "the directory does not exist", advice: "create it" },
  EACCES: { code: "CANNOT_CREATE", what: "permission is denied", advice: "allow writing there" },
  EPERM: { code: "CANNOT_CREATE", what: "the operation is not permitted", advice: "allow writing there" },
  EROFS: { code: "CANNOT_CREATE", what: "the file system is read-only" },
  ENOTDIR: { code: "CANNOT_CREATE", what: "a part of the path is a file, not a directory" },
  EEXIST: { code: "CANNOT_CREATE", what: "a part of the path is a file, not a directory" },
  EISDIR: { code: "CANNOT_CREATE", what: "it is a directory" },
  ENAMETOOLONG: { code: "CANNOT_CREATE", what: "the name is too long" },
  ENOSPC: { code: "WRITE_FAILED", what: "the disk is full", advice: "free some space" },
  EDQUOT: { code: "WRITE_FAILED", what: "the disk quota is used up", advice: "free some space" },
  EIO: { code: "WRITE_FAILED", what: "the device reports an error", advice: "check the disk" },
  EMFILE: { code: "WRITE_FAILED", what: "too many files are open", advice: "raise the limit of open files" },
};

/** The system's code of an error ("ENOSPC"), where it has one. */
export const systemCode = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;

/** Says in people's words why `target` could not be written; `flag` is what chose it, so what can choose another. */
export function outputError(target: string, error: unknown, flag: string): OutputError {
  const system = systemCode(error) ?? "";
  const reason = REASONS[system];
  const what = reason === undefined ? String(error instanceof Error ? error.message : error) : `${reason.what} (${system})`;
  const advice = reason?.advice === undefined ? `choose another ${flag}` : `${reason.advice} or choose another ${flag}`;
  return new OutputError(`cannot write ${target}: ${what}; ${advice}`, { code: reason?.code ?? "WRITE_FAILED", cause: error });
}
