import { statSync } from "node:fs";
import { exactRate } from "../media/testsrc.js";
import type { FileSource, FolderSource, Size, TestSource } from "../media/sources.js";
import type { CameraSpec } from "./spec.js";

const EXAMPLES = "such as front-door=testsrc,fps=25, yard=/path/file.mp4 or gate=/path/folder";
const UNSUPPORTED_MEDIA_TYPE = "video/vp9";

type Settings = Partial<Omit<CameraSpec, "name" | "source">>;
/** What one option changes: the generated picture, or the camera around it. */
type Change = { readonly source: Partial<TestSource> } | { readonly camera: Settings };
type Option = (value: string, name: string) => Change;

const OPTIONS: Readonly<Record<string, Option>> = {
  size: (value, name) => ({ source: { size: size(value, name) } }),
  switch: (value, name) => ({ source: { switchTo: size(value, name) } }),
  fps: (value) => ({ source: { fps: exactRate(value) } }),
  fragment: (value, name) => ({ source: { fragmentSeconds: numberFrom(0.1, value, name) } }),
  loop: (value, name) => ({ source: { loopSeconds: numberFrom(0.1, value, name) } }),
  bframes: (value, name) => ({ source: { bframes: wholeTo(16, value, name) } }),
  matrix: (value, name) => ({ source: { matrix: oneOf(["bt709", "bt601"], value, name) } }),
  codec: (value, name) => {
    const codec = oneOf(["h264", "h265", "vp9"], value, name);
    return codec === "vp9" ? { camera: { mediaType: UNSUPPORTED_MEDIA_TYPE } } : { source: { codec } };
  },
  audio: (value, name) => ({ source: { audio: flag(value, name) } }),
  vfr: (value, name) => ({ source: { variableRate: flag(value, name) } }),
  history: (value, name) => ({ camera: { historySeconds: numberFrom(0, value, name) } }),
  latency: (value, name) => ({ camera: { latencyMs: numberFrom(0, value, name) } }),
  skew: (value, name) => ({ camera: { producerSkewMs: numberFrom(-Infinity, value, name) } }),
  retention: (value, name) => ({ camera: { retentionHours: numberFrom(0, value, name) } }),
};

/** Options of the camera around a recording: all that can stand behind a path. */
const BEHIND_PATH = /^(.+),((?:history|latency|skew|retention)=[^,]*)$/s;

/**
 * Reads a camera as the command line has it: NAME=testsrc, NAME=FILE or NAME=DIR, with options behind commas; behind a path
 * only history, latency, skew and retention, and none where the file system has the path with its commas.
 * @throws RangeError saying in one sentence what was wanted and what was seen
 */
export function parseCamera(text: string): CameraSpec {
  const [, name, what] = /^([a-zA-Z0-9_.-]{1,256})=(.+)$/s.exec(text) ?? [];
  if (name === undefined || what === undefined) throw new RangeError(`camera must be NAME=testsrc, NAME=FILE or NAME=DIR, ${EXAMPLES}, got "${text}"`);
  if (!/^testsrc(,|$)/.test(what)) return { name, ...parseRecording(what) };
  let source: TestSource = { kind: "testsrc" };
  let camera: Settings = {};
  for (const option of what.split(",").slice(1)) {
    const change = parseOption(option);
    if ("source" in change) source = { ...source, ...change.source };
    else camera = { ...camera, ...change.camera };
  }
  return { name, source, ...camera };
}

function parseRecording(text: string): Omit<CameraSpec, "name"> {
  let [path, camera]: [string, Settings] = [text, {}];
  while (kindOf(path) === undefined) {
    const [, rest, option] = BEHIND_PATH.exec(path) ?? [];
    if (rest === undefined || option === undefined) break;
    const change = parseOption(option);
    if ("camera" in change) camera = { ...change.camera, ...camera };
    path = rest;
  }
  return { source: { kind: kindOf(path) ?? "file", path }, ...camera };
}

/** What the file system has there; undefined: nothing, or nothing that it shows. */
function kindOf(path: string): (FileSource | FolderSource)["kind"] | undefined {
  try {
    return statSync(path).isDirectory() ? "folder" : "file";
  } catch {
    return undefined;
  }
}

function parseOption(text: string): Change {
  const [name = "", ...rest] = text.split("=");
  if (!Object.hasOwn(OPTIONS, name)) throw new RangeError(`camera option must be one of ${Object.keys(OPTIONS).join(", ")}, got "${name}"`);
  return (OPTIONS[name] as Option)(rest.join("="), name);
}

function size(text: string, name: string): Size {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(text) ?? [];
  const pixels = { width: Number(width), height: Number(height) };
  const isEven = (side: number) => side >= 32 && side <= 8192 && side % 2 === 0;
  if (!isEven(pixels.width) || !isEven(pixels.height)) throw new RangeError(`${name} must be even WIDTHxHEIGHT from 32x32 to 8192x8192, got "${text}"`);
  return pixels;
}

function numberFrom(min: number, text: string, name: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value) || value < min) {
    throw new RangeError(`${name} must be a number${min === -Infinity ? "" : ` from ${min}`}, got "${text}"`);
  }
  return value;
}

function wholeTo(max: number, text: string, name: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > max) throw new RangeError(`${name} must be a whole number from 0 to ${max}, got "${text}"`);
  return value;
}

function oneOf<const T extends string>(values: readonly T[], text: string, name: string): T {
  const value = values.find((each) => each === text);
  if (value === undefined) throw new RangeError(`${name} must be one of ${values.join(", ")}, got "${text}"`);
  return value;
}

function flag(text: string, name: string): true {
  if (text !== "") throw new RangeError(`${name} takes no value, got "${text}"`);
  return true;
}
