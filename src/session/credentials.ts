import { KVSConnectionError } from "../core/errors.js";
import { classify } from "./classify.js";

/** What a client of the SDK asks for credentials. */
interface CredentialsClient<P> {
  readonly config: { credentials: P };
}

/**
 * Makes a client say of credentials that cannot be had what is wrong with them: providers throw whatever they come across, such as
 * the system's error of a token file that cannot be read, or a parser's.
 */
export function explainingCredentials<P extends (...options: never[]) => Promise<unknown>, C extends CredentialsClient<P>>(client: C): C {
  const provide = client.config.credentials;
  client.config.credentials = (async (...options: Parameters<P>) => {
    try {
      return await provide(...options);
    } catch (error) {
      throw explained(error);
    }
  }) as P;
  return client;
}

/** What the API calls know how to tell stays as it is. */
function explained(error: unknown): unknown {
  const doing = "cannot get credentials";
  try {
    classify(error, doing);
    return error;
  } catch {
    const message = error instanceof Error ? error.message : String(error);
    return new KVSConnectionError(`${doing}: ${message.replace(/\s+/g, " ")}; check what the AWS environment variables and config files name`, { code: "NO_CREDENTIALS", cause: error });
  }
}
