import assert from "node:assert/strict";
import { judge, type Finding } from "../../src/source/probe/findings.js";
import type { ProbeFacts } from "../../src/source/probe/facts.js";
import { probe, type ProbeOptions } from "../../src/source/probe/probe.js";
import { CREDENTIALS, type Emulated } from "./emulated.js";

/** Probes a camera of the emulator. */
export const probeCamera = (emulated: Emulated, streamName: string, options: Partial<ProbeOptions> = {}): Promise<ProbeFacts> =>
  probe({ streamName, region: "us-east-1", endpointUrl: emulated.emulator.url, credentials: CREDENTIALS, ...options });

/** What is more than a note. */
export const troubles = (facts: ProbeFacts): string[] => judge(facts).filter(({ level }) => level === "warning" || level === "problem").map(({ id }) => id).sort();

export function findingOf(facts: ProbeFacts, id: string): Finding {
  const finding = judge(facts).find((each) => each.id === id);
  assert.ok(finding, `no finding ${id} among ${judge(facts).map((each) => each.id).join(", ")}`);
  return finding;
}

export function assertNear(seen: number | null | undefined, wanted: number, tolerance: number, what: string): void {
  assert.ok(typeof seen === "number" && Math.abs(seen - wanted) <= tolerance, `${what} is ${seen}, wanted ${wanted} to ${tolerance}`);
}
