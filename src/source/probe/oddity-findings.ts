import type { Finding } from "./findings.js";
import type { OddityFacts } from "./oddities.js";

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;

/** What the camera writes that is unusual, and what that means to who reads it. */
export function oddityFindings(facts: OddityFacts): Finding[] {
  return [...damageFindings(facts), ...referenceFindings(facts), ...sizeFindings(facts)];
}

function damageFindings({ damagedSamples, firstDamage, undecodable, contradictoryTimes, emptySamples }: OddityFacts): Finding[] {
  const findings: Finding[] = [];
  if (damagedSamples > 0) {
    const text = `${count(damagedSamples, "sample")} cannot be read: the first holds ${firstDamage}`;
    findings.push({ id: "damaged-samples", level: "problem", text, advice: "check the producer: each damaged sample loses its picture and those that reference it" });
  }
  if (undecodable > 0) {
    const text = `${count(undecodable, "picture")} cannot be decoded: what they reference was not sent`;
    findings.push({ id: "undecodable", level: "problem", text, advice: "make the producer begin each fragment with a key frame and drop no samples" });
  }
  if (contradictoryTimes > 0) {
    const text = `the times of pictures contradict their order in ${count(contradictoryTimes, "fragment")}`;
    findings.push({ id: "contradictory-times", level: "warning", text, advice: "make the producer send presentation times; frames are delivered in picture order, each with its sample's time" });
  }
  if (emptySamples > 0) {
    const text = `${count(emptySamples, "sample")} without a picture: parameter sets or other information by themselves`;
    findings.push({ id: "empty-samples", level: "note", text, advice: "they are read but do not count as frames" });
  }
  return findings;
}

function referenceFindings({ openGroups, gradualRefreshes }: OddityFacts): Finding[] {
  const findings: Finding[] = [];
  if (gradualRefreshes > 0) {
    const text = `gradual refresh (intra refresh) instead of key frames in ${count(gradualRefreshes, "fragment")}`;
    findings.push({ id: "gradual-refresh", level: "warning", text, advice: "sampling saves no download or decoding; for that, turn intra refresh off in the camera" });
  }
  if (openGroups > 0) {
    const text = `pictures reference others over the border of fragments (open groups of pictures) in ${count(openGroups, "fragment")}`;
    findings.push({ id: "open-groups", level: "note", text, advice: "single pictures may need the fragment before too; closed groups are cheaper to sample" });
  }
  return findings;
}

function sizeFindings({ sizes, claimedSize }: OddityFacts): Finding[] {
  const findings: Finding[] = [];
  const [first] = sizes;
  if (sizes.length > 1) {
    const text = `the size changes within the stream: ${sizes.map(({ width, height }) => `${width}x${height}`).join(", ")}`;
    findings.push({ id: "size-change", level: "warning", text, advice: "each frame has its own size; use --resize to keep it constant" });
  }
  if (claimedSize !== null && first !== undefined) {
    const text = `the container claims ${claimedSize.width}x${claimedSize.height} pixels, the parameter set says ${first.width}x${first.height}`;
    findings.push({ id: "wrong-size", level: "note", text, advice: "frames have the size that the parameter set says" });
  }
  return findings;
}
