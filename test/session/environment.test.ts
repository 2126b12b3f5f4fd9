import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpsServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startProxy } from "../helpers/proxy-server.js";
import { startKvs } from "../helpers/scripted-kvs.js";
import { closed, listening } from "../helpers/scripted-server.js";

const run = promisify(execFile);
const PROGRAM = fileURLToPath(new URL("../fixtures/call-api.ts", import.meta.url));
const KEYS = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "example" };

interface Outcome {
  readonly status?: string;
  readonly code?: string;
  readonly retryable?: boolean;
  readonly message?: string;
}

/** One API call in a process that has this environment and no other, and an empty home. */
async function call(env: Record<string, string | undefined>): Promise<Outcome> {
  const home = await mkdtemp(join(tmpdir(), "home-"));
  try {
    const clean = { PATH: process.env["PATH"], HOME: home, AWS_EC2_METADATA_DISABLED: "true", NODE_NO_WARNINGS: "1", GIVEN_REGION: "eu-west-1", ...env };
    const { stdout } = await run(process.execPath, ["--import", "tsx", PROGRAM], { env: clean });
    return JSON.parse(stdout) as Outcome;
  } finally {
    await rm(home, { recursive: true });
  }
}

/** An https server whose certificate no one else has signed. */
async function startSecure(): Promise<AsyncDisposable & { origin: string; port: number; bundle: string }> {
  const folder = await mkdtemp(join(tmpdir(), "tls-"));
  const [key, bundle] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  await run("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", bundle]);
  const server = createHttpsServer({ key: await readFile(key), cert: await readFile(bundle) }, (request, response) => {
    const answer = request.url === "/getDataEndpoint" ? { DataEndpoint: "http://127.0.0.1:9" } : { StreamInfo: { Status: "ACTIVE" } };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
  const port = await listening(server);
  const dispose = async (): Promise<void> => {
    await closed(server);
    await rm(folder, { recursive: true });
  };
  return { origin: `https://127.0.0.1:${port}`, port, bundle, [Symbol.asyncDispose]: dispose };
}

describe("with an environment", { concurrency: 2 }, () => {
  test("that holds no credentials, the error says where to put them", async () => {
    await using server = await startKvs();
    const { code, retryable, message } = await call({ GIVEN_ENDPOINT: server.origin });
    assert.deepEqual([code, retryable, server.asked], ["NO_CREDENTIALS", false, []]);
    assert.match(message ?? "", /set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/);
  });

  test("that names no region, the error says how to", async () => {
    for (const region of [{}, { AWS_REGION: "" }]) {
      const { code, retryable, message } = await call({ ...KEYS, GIVEN_REGION: "", ...region });
      assert.deepEqual([code, retryable], ["NO_REGION", false]);
      assert.match(message ?? "", /give --region, or set AWS_REGION/);
    }
  });

  test("that names a proxy, calls go through it", async () => {
    await using server = await startKvs();
    await using proxy = await startProxy();
    assert.deepEqual(await call({ ...KEYS, GIVEN_ENDPOINT: server.origin, HTTP_PROXY: proxy.host }), { status: "ACTIVE" });
    assert.deepEqual(proxy.asked, [`127.0.0.1:${server.port}`]);
  });

  test("that exempts the host from the proxy, calls go straight", async () => {
    await using server = await startKvs();
    await using proxy = await startProxy();
    assert.deepEqual(await call({ ...KEYS, GIVEN_ENDPOINT: server.origin, HTTP_PROXY: proxy.host, NO_PROXY: "127.0.0.1" }), { status: "ACTIVE" });
    assert.deepEqual(proxy.asked, []);
  });

  test("whose proxy is not there, the service is unreachable", async () => {
    await using server = await startKvs();
    const gone = await startProxy();
    await gone[Symbol.asyncDispose]();
    const { code } = await call({ ...KEYS, GIVEN_ENDPOINT: server.origin, HTTP_PROXY: gone.host });
    assert.deepEqual([code, server.asked], ["UNREACHABLE", []]);
  });

  test("whose certificate bundle cannot be read, the error names it", async () => {
    const { code, message } = await call({ ...KEYS, AWS_CA_BUNDLE: "/no/such/bundle.pem" });
    assert.equal(code, "INVALID_REQUEST");
    assert.match(message ?? "", /cannot read AWS_CA_BUNDLE "\/no\/such\/bundle\.pem": ENOENT/);
  });

  test("whose certificate bundle holds no certificate, the error names it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "bundle-"));
    const bundle = join(folder, "bundle.pem");
    await writeFile(bundle, "this is no certificate\n");
    const { code, message } = await call({ ...KEYS, AWS_CA_BUNDLE: bundle });
    await rm(folder, { recursive: true });
    assert.equal(code, "INVALID_REQUEST");
    assert.match(message ?? "", /cannot read AWS_CA_BUNDLE ".*bundle\.pem": it holds no certificate/);
  });

  test("without a bundle, a certificate signed by nobody is refused", async () => {
    await using server = await startSecure();
    const { code, message } = await call({ ...KEYS, GIVEN_ENDPOINT: server.origin });
    assert.equal(code, "UNREACHABLE");
    assert.match(message ?? "", /self.signed certificate/);
  });

  test("without TLS, an address that a service with TLS gives is refused", async () => {
    await using server = await startSecure();
    const { code, message } = await call({ ...KEYS, GIVEN_ENDPOINT: server.origin, AWS_CA_BUNDLE: server.bundle, GIVEN_CALL: "list" });
    assert.equal(code, "SERVICE_ERROR");
    assert.match(message ?? "", /the address that the service gave is an http: address, which would expose credentials in transit; it must be https:/);
  });

  test("that trusts one certificate by NODE_EXTRA_CA_CERTS and another by AWS_CA_BUNDLE, both are taken", async () => {
    await using server = await startSecure();
    await using other = await startSecure();
    assert.deepEqual(await call({ ...KEYS, GIVEN_ENDPOINT: server.origin, AWS_CA_BUNDLE: other.bundle, NODE_EXTRA_CA_CERTS: server.bundle }), { status: "ACTIVE" });
  });

  test("that trusts it by AWS_CA_BUNDLE, it is taken, straight and through a proxy", async () => {
    await using server = await startSecure();
    await using proxy = await startProxy();
    const env = { ...KEYS, GIVEN_ENDPOINT: server.origin, AWS_CA_BUNDLE: server.bundle };
    assert.deepEqual(await call(env), { status: "ACTIVE" });
    assert.deepEqual(await call({ ...env, HTTPS_PROXY: proxy.host }), { status: "ACTIVE" });
    assert.deepEqual(proxy.asked, [`127.0.0.1:${server.port}`]);
  });
});
