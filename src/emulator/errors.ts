import { randomUUID } from "node:crypto";
import type { Reply } from "./http/message.js";

const STATUS = {
  InvalidArgumentException: 400,
  ClientLimitExceededException: 400,
  UnsupportedStreamMediaTypeException: 400,
  NoDataRetentionException: 400,
  MissingCodecPrivateDataException: 400,
  NotAuthorizedException: 401,
  MissingAuthenticationTokenException: 403,
  UnrecognizedClientException: 403,
  InvalidSignatureException: 403,
  ResourceNotFoundException: 404,
} as const;

/** A refusal in the service's own words. */
export class ServiceError extends Error {
  override readonly name: keyof typeof STATUS;
  readonly status: number;

  constructor(name: keyof typeof STATUS, message: string, status: number = STATUS[name]) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

/** Both spellings of the type header: the service's documents have one, the SDKs look for the other. */
export function errorReply({ name, message, status }: Pick<Error, "name" | "message"> & { readonly status: number }): Reply {
  const headers = { "content-type": "application/json", "x-amzn-ErrorType": name, "x-amz-ErrorType": name, "x-amz-RequestId": randomUUID() };
  return { status, headers, body: Buffer.from(JSON.stringify({ __type: name, Message: message })) };
}

export const noSuchStream = (): ServiceError =>
  new ServiceError("ResourceNotFoundException", "The requested stream is not found or not active.");
export const noFragments = (): ServiceError =>
  new ServiceError("ResourceNotFoundException", "No fragments found in the stream for the streaming request.");
export const tooFast = (what: string, status?: number): ServiceError =>
  new ServiceError("ClientLimitExceededException", `Rate exceeded for ${what}.`, status);
export const invalid = (message: string): ServiceError => new ServiceError("InvalidArgumentException", message);
