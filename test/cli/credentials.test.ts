import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, test, type TestContext } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";
import { Command, type Environment } from "../helpers/command.js";
import { Emulated } from "../helpers/emulated.js";

const emulated = new Emulated({ limits: false, cameras: [parseCamera("front=testsrc,size=64x36,loop=2")] });
const NO_KEYS: Environment = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
const ROLE = "arn:aws:iam::123456789012:role/camera";

/** Stands for the address that containers ask; what it answers is in the path. */
const answers: Readonly<Record<string, readonly [number, string]>> = {
  "/error": [500, "no"],
  "/refused": [403, JSON.stringify({ code: "AccessDenied", message: "no" })],
  "/html": [200, "<!doctype html>"],
  "/empty": [200, "{}"],
  "/nonsense": [200, JSON.stringify({ AccessKeyId: 7, SecretAccessKey: null, Token: [], Expiration: "soon" })],
};
const containers = createServer((request, response) => {
  if (request.url === "/silent") return;
  const [status, body] = answers[request.url ?? ""] ?? [404, ""];
  response.writeHead(status, { "content-type": "application/json" }).end(body);
});
before(async () => void (await once(containers.listen(0, "127.0.0.1"), "listening")));
after(() => {
  containers.closeAllConnections();
  containers.close();
});
const container = (path: string): Environment => ({ ...NO_KEYS, AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${(containers.address() as AddressInfo).port}${path}` });

/** Variables, and files of the home directory, by name. */
interface Case {
  readonly env: (home: string) => Environment;
  readonly files?: Readonly<Record<string, string>>;
  /** What the sentence must name. */
  readonly says?: RegExp;
}

const profile = (lines: string, others: Readonly<Record<string, string>> = {}): Case => ({ env: () => ({ ...NO_KEYS, AWS_PROFILE: "p" }), files: { ".aws/config": `[profile p]\n${lines}\n`, ...others } });
const token = (file: string): Case["env"] => (home) => ({ ...NO_KEYS, AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: join(home, file) });
const SSO = "sso_start_url = https://example.invalid/start\nsso_region = us-east-1\nsso_account_id = 1\nsso_role_name = r";
/** sha1 of the start URL. */
const SSO_FILE = ".aws/sso/cache/5b3c4bd1f0b1a2f6c8b7f1a1f5b0f9f8f7f6f5f4.json";

const CASES: Readonly<Record<string, Case>> = {
  "no credentials at all": { env: () => NO_KEYS },
  "half of a pair of keys": { env: () => ({ AWS_SECRET_ACCESS_KEY: undefined }) },
  "a key id that ends in a newline": { env: () => ({ AWS_ACCESS_KEY_ID: "AKID\n" }), says: /hold a character that cannot be sent/ },
  "a session token with a control character": { env: () => ({ AWS_SESSION_TOKEN: "a\u0001b" }), says: /hold a character that cannot be sent/ },
  "a key id that is no ASCII": { env: () => ({ AWS_ACCESS_KEY_ID: "ключ" }) },
  "a web identity token file that is missing": { env: token("none"), says: /none/ },
  "a web identity token file that is a directory": { env: token(".aws"), files: { ".aws/config": "" } },
  "a web identity token file that is empty": { env: token("token"), files: { token: "" } },
  "a web identity without a role": { env: (home) => ({ ...NO_KEYS, AWS_WEB_IDENTITY_TOKEN_FILE: join(home, "none") }) },
  "a container's token file that is missing": { env: (home) => ({ ...container("/empty"), AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: join(home, "none") }), says: /none/ },
  "a container's token with a newline": { env: () => ({ ...container("/empty"), AWS_CONTAINER_AUTHORIZATION_TOKEN: "a\nb" }) },
  "a container's address that is not a URL": { env: () => ({ ...NO_KEYS, AWS_CONTAINER_CREDENTIALS_FULL_URI: "not a url" }) },
  "a container's address that is not allowed": { env: () => ({ ...NO_KEYS, AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://example.com/" }) },
  "a container's address where nobody listens": { env: () => ({ ...NO_KEYS, AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:9/" }) },
  ...Object.fromEntries(Object.keys(answers).map((path) => [`a container's answer of ${path}`, { env: () => container(path) }])),
  "a container that never answers": { env: () => container("/silent") },
  "a profile that is not there": { env: () => ({ ...NO_KEYS, AWS_PROFILE: "nobody" }) },
  "a profile without anything": profile(""),
  "a profile of a role without a source": profile(`role_arn = ${ROLE}`),
  "a profile of a role whose source is missing": profile(`role_arn = ${ROLE}\nsource_profile = nobody`),
  "a profile of a role whose source is itself": profile(`role_arn = ${ROLE}\nsource_profile = p`),
  "a profile of a role of an unknown source": profile(`role_arn = ${ROLE}\ncredential_source = Nowhere`),
  "a profile of a role with MFA": profile(`role_arn = ${ROLE}\nsource_profile = p\nmfa_serial = arn:aws:iam::1:mfa/me`),
  "a profile of a program that is missing": profile("credential_process = /nowhere/program"),
  "a profile of a program that fails": profile("credential_process = false"),
  "a profile of a program that says nonsense": profile("credential_process = echo nonsense"),
  "a profile of a program of another version": profile('credential_process = echo {"Version":2}'),
  "a profile of a program whose credentials have expired": profile('credential_process = echo \'{"Version":1,"AccessKeyId":"a","SecretAccessKey":"b","Expiration":"2020-01-01T00:00:00Z"}\''),
  "a profile of single sign-on without a login": profile(SSO),
  "a profile of single sign-on with a broken login": profile(SSO, { [SSO_FILE]: "{" }),
  "a profile of single sign-on by a session that is missing": profile("sso_session = nobody\nsso_account_id = 1\nsso_role_name = r"),
  "a profile of single sign-on that is not whole": profile("sso_start_url = https://example.invalid/start"),
  "a profile of a web identity whose file is missing": profile(`role_arn = ${ROLE}\nweb_identity_token_file = /nowhere/token`),
  "a profile of a console login that is missing": profile("login_session = arn:aws:iam::1:user/me"),
  "a config file that is a directory": { env: (home) => ({ ...NO_KEYS, AWS_CONFIG_FILE: home }) },
  "a config file of binary data": { env: () => NO_KEYS, files: { ".aws/config": "\u0000\u0001[[[\n=\n" } },
  "a credentials file without a key": { env: () => NO_KEYS, files: { ".aws/credentials": "[default]\naws_access_key_id = a\n" } },
  "a credentials file of nothing but brackets": { env: () => NO_KEYS, files: { ".aws/credentials": "[]\n[" } },
};

async function run(context: TestContext, { env, files = {} }: Case) {
  // The home of a command is its directory.
  const script = 'until [ -e ready ]; do sleep 0.02; done; set -a; . ./variables; set +a; unset $(cat unset); exec "$NODE" "$BINARY" probe --endpoint-url "$URL" --stream-name front --timeout 10s';
  const command = await Command.shell(context, script, { URL: emulated.emulator.url });
  const home = command.directory;
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(home, name, ".."), { recursive: true });
    await writeFile(join(home, name), text);
  }
  const entries = Object.entries(env(home));
  const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  await writeFile(join(home, "variables"), entries.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${quoted(value)}\n`])).join(""));
  await writeFile(join(home, "unset"), entries.flatMap(([name, value]) => (value === undefined ? [name] : [])).join(" "));
  await writeFile(join(home, "ready"), "");
  const startedAt = performance.now();
  return { ...(await command.ended), tookMs: performance.now() - startedAt };
}

describe("credentials: whatever is wrong with them is 77 or 75, in one sentence, and soon", { concurrency: 4 }, () => {
  for (const [name, each] of Object.entries(CASES)) {
    test(name, async (context) => {
      const { code, tookMs, ...told } = await run(context, each);
      const stderr = told.stderr.replace(/^@smithy\/.*\n/gm, ""); // the SDK's own word about a provider that is slow
      assert.ok(code === 77 || code === 75, `exit code ${code}: ${stderr}`);
      assert.ok(stderr === "" ? code === 75 : /^kvs-frames: [^\n]+\n$/.test(stderr), stderr); // a probe reports on stdout what it could not reach
      assert.doesNotMatch(stderr, /this is a bug|\bat \S+ \(/);
      if (each.says) assert.match(stderr, each.says);
      assert.ok(tookMs < 15_000, `${tookMs} ms`);
    });
  }
});
