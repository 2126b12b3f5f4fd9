import { KVSConnectionError, type FrameSourceError } from "../core/errors.js";
import { unlessAborted } from "../core/unless-aborted.js";
import { classify } from "./classify.js";

/** What a client of the SDK asks for credentials. */
interface CredentialsClient<P> {
  readonly config: { credentials: P };
}

/**
 * Makes a client say of credentials that cannot be had what is wrong with them: providers throw whatever they come across, such as
 * the system's error of a token file that cannot be read, or a parser's. Some wait for an answer without an end.
 * @param timeoutMs for the credentials
 */
export function explainingCredentials<P extends (...options: never[]) => Promise<unknown>, C extends CredentialsClient<P>>(client: C, timeoutMs: number): C {
  const provide = client.config.credentials;
  client.config.credentials = (async (...options: Parameters<P>) => {
    const late = AbortSignal.timeout(timeoutMs);
    try {
      return await unlessAborted(provide(...options), late);
    } catch (error) {
      throw late.aborted ? lateness(timeoutMs) : explained(error);
    }
  }) as P;
  return client;
}

const lateness = (timeoutMs: number): KVSConnectionError =>
  new KVSConnectionError(`cannot get credentials: no answer within ${timeoutMs / 1000} s; check the settings in your AWS environment variables and config files`, { code: "TIMEOUT", retryable: true });

/** What the API calls know how to tell stays as it is; of a provider of the caller's own, fetch puts the network's failure into the cause. */
function explained(error: unknown): unknown {
  const doing = "cannot get credentials";
  if (classified(error, doing) !== undefined) return error;
  const { cause, message = String(error) } = error as { cause?: unknown; message?: string };
  const ofCause = cause instanceof Error ? classified(cause, doing) : undefined;
  return ofCause ?? new KVSConnectionError(`${doing}: ${message.replace(/\s+/g, " ")}; check the settings in your AWS environment variables and config files`, { code: "NO_CREDENTIALS", cause: error });
}

function classified(error: unknown, doing: string): FrameSourceError | undefined {
  try {
    return classify(error, doing);
  } catch {
    return undefined;
  }
}
