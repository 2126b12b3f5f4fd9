import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Request } from "../http/message.js";
import { ServiceError } from "../errors.js";

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=(?<key>[^/,\s]+)\/(?<scope>(?<date>\d{8})\/(?<region>[^/]+)\/(?<service>[^/]+)\/aws4_request),\s*SignedHeaders=(?<signed>[^,\s]+),\s*Signature=(?<signature>[0-9a-f]{64})$/;

/**
 * Requires a Signature Version 4. Without known access keys any well-formed one will do.
 * @param accessKeys secrets by access key id
 */
export function authenticate(request: Request, accessKeys: Readonly<Record<string, string>> | undefined): void {
  const parts = AUTHORIZATION.exec(request.headers.authorization ?? "")?.groups;
  if (!parts) throw new ServiceError("MissingAuthenticationTokenException", "Missing Authentication Token");
  if (accessKeys === undefined) return;
  const { key = "", scope = "", date = "", region = "", service = "", signed = "", signature = "" } = parts;
  const secret = Object.hasOwn(accessKeys, key) ? accessKeys[key] : undefined;
  if (secret === undefined) {
    throw new ServiceError("UnrecognizedClientException", "The security token included in the request is invalid.");
  }
  const text = ["AWS4-HMAC-SHA256", headerValue(request, "x-amz-date"), scope, sha256(canonicalRequest(request, signed))].join("\n");
  const signingKey = [date, region, service, "aws4_request"].reduce<string | Buffer>(hmac, `AWS4${secret}`);
  if (!timingSafeEqual(hmac(signingKey, text), Buffer.from(signature, "hex"))) {
    throw new ServiceError(
      "InvalidSignatureException",
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.",
    );
  }
}

function canonicalRequest(request: Request, signedHeaders: string): string {
  const headers = signedHeaders.split(";").map((name) => `${name}:${headerValue(request, name)}\n`);
  const query = [...request.query].map((pair) => pair.map(encodeURIComponent).join("=")).sort();
  return [request.method, request.path, query.join("&"), headers.join(""), signedHeaders, sha256(request.body)].join("\n");
}

function headerValue({ headers }: Request, name: string): string {
  const value = headers[name] ?? "";
  return (typeof value === "string" ? value : value.join(",")).trim().replace(/ +/g, " ");
}

const sha256 = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string): Buffer => createHmac("sha256", key).update(data).digest();
