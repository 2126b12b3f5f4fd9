import { BlockList, isIP } from "node:net";
import { KVSConnectionError } from "../core/errors.js";

/** A proxy server. */
export interface Proxy {
  readonly kind: "http" | "https" | "socks4" | "socks5";
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** SOCKS: this machine looks up the host that is asked for, and the proxy gets its address. */
  readonly looksUpHere: boolean;
  /** Its URL without user and password: for messages. */
  readonly label: string;
}

/** How curl and most tools read the schemes; without one it is an HTTP proxy. */
const SCHEMES: Readonly<Record<string, Pick<Proxy, "kind" | "port" | "looksUpHere">>> = {
  "http:": { kind: "http", port: 80, looksUpHere: false },
  "https:": { kind: "https", port: 443, looksUpHere: false },
  "socks:": { kind: "socks5", port: 1080, looksUpHere: false },
  "socks4:": { kind: "socks4", port: 1080, looksUpHere: true },
  "socks4a:": { kind: "socks4", port: 1080, looksUpHere: false },
  "socks5:": { kind: "socks5", port: 1080, looksUpHere: true },
  "socks5h:": { kind: "socks5", port: 1080, looksUpHere: false },
};
const WANTED = "expected a URL such as http://proxy.example:3128 or socks5h://proxy.example:1080";

/** The proxies that an environment names: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, in lower or upper case. */
export class Proxies {
  readonly #exempt: Exemptions;
  readonly #proxies: Readonly<Record<"http" | "https", Proxy | undefined>>;

  /** @throws KVSConnectionError INVALID_REQUEST for a proxy's URL that cannot be used */
  constructor(env: NodeJS.ProcessEnv) {
    const valueOf = (name: string): string => env[name.toLowerCase()] || env[name] || "";
    const named = (scheme: string): Proxy | undefined => {
      const variable = [`${scheme}_PROXY`, "ALL_PROXY"].find((name) => valueOf(name) !== "");
      return variable === undefined ? undefined : parseProxy(valueOf(variable), variable);
    };
    this.#proxies = { http: named("HTTP"), https: named("HTTPS") };
    this.#exempt = new Exemptions(valueOf("NO_PROXY"));
  }

  /**
   * Returns the proxy for requests to a server, or undefined when they go straight.
   * @param host a name or an address, without brackets
   */
  for(scheme: "http" | "https", host: string, port: number): Proxy | undefined {
    return this.#exempt.has(host, port) ? undefined : this.#proxies[scheme];
  }
}

function parseProxy(text: string, variable: string): Proxy {
  const url = parsed(text.includes("://") ? text : `http://${text}`);
  const scheme = SCHEMES[url?.protocol ?? ""];
  // A value that cannot be parsed may hold a password, and is not repeated.
  if (!url?.hostname || scheme === undefined) throw new KVSConnectionError(`${variable} is not a usable proxy URL; ${WANTED}`, { code: "INVALID_REQUEST" });
  return {
    ...scheme,
    port: url.port === "" ? scheme.port : Number(url.port),
    host: withoutBrackets(url.hostname),
    user: decoded(url.username),
    password: decoded(url.password),
    label: `${url.protocol}//${url.host}`,
  };
}

const withoutBrackets = (host: string): string => host.replace(/^\[|\]$/g, "");

function parsed(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What NO_PROXY lists: hosts, which stand for their subdomains too, addresses, ranges of addresses such as 10.0.0.0/8, each with or without a port; or `*`. */
class Exemptions {
  readonly #hosts: { readonly host: string; readonly port: number | undefined }[] = [];
  readonly #ranges = new BlockList();

  constructor(list: string) {
    for (const entry of list.toLowerCase().split(/[\s,]+/).filter((each) => each !== "")) {
      if (!this.#addRange(entry)) this.#addHost(entry);
    }
  }

  has(host: string, port: number): boolean {
    const name = host.toLowerCase().replace(/\.$/, "");
    const version = isIP(name);
    if (version !== 0 && this.#ranges.check(name, version === 4 ? "ipv4" : "ipv6")) return true;
    return this.#hosts.some((entry) => (entry.port === undefined || entry.port === port) && (entry.host === "*" || name === entry.host || (version === 0 && name.endsWith(`.${entry.host}`))));
  }

  #addRange(entry: string): boolean {
    const [address = "", bits = ""] = entry.split("/");
    const version = isIP(withoutBrackets(address));
    if (version === 0) return false;
    const most = version === 4 ? 32 : 128;
    const prefix = /^\d{1,3}$/.test(bits) ? Math.min(Number(bits), most) : most;
    this.#ranges.addSubnet(withoutBrackets(address), prefix, version === 4 ? "ipv4" : "ipv6");
    return true;
  }

  #addHost(entry: string): void {
    const [, host = entry, port] = /^(.+):(\d+)$/.exec(entry) ?? [];
    this.#hosts.push({ host: host === "*" ? host : withoutBrackets(host.replace(/^\*?\./, "")), port: port === undefined ? undefined : Number(port) });
  }
}
