import type { CoverageFacts, PictureFacts, ProbeFacts } from "./facts.js";
import type { Finding } from "./findings.js";
import { oddityFindings } from "./oddity-findings.js";
import { readable } from "./words.js";

/** The service throttles players of fragments shorter than this. */
const TINY_MS = 1000;
/** Nothing is listed before its fragment is whole: the delay of live reading is this at least. */
const LONG_MS = 10_000;
const LONG_GROUP_MS = 5000;
const BROADCAST_HEIGHT = 720;

/** How the camera encodes, as far as it matters to who reads it. */
export function mediaFindings(facts: ProbeFacts): Finding[] {
  const { coverage, pictures } = facts;
  return [...(coverage ? fragmentFindings(coverage) : []), ...(pictures ? pictureFindings(pictures) : []), ...(pictures ? oddityFindings(pictures.oddities) : []), ...presentationFindings(facts)];
}

function fragmentFindings({ fragmentMs }: CoverageFacts): Finding[] {
  if (fragmentMs.median < TINY_MS) {
    const text = `fragments are of ${readable(fragmentMs.median)}: below 1 s the service throttles players`;
    return [{ id: "tiny-fragments", level: "warning", text, advice: "let the producer make fragments of 1 to 4 s: set the camera's key frame interval" }];
  }
  if (fragmentMs.max > LONG_MS) {
    const text = `fragments are of up to ${readable(fragmentMs.max)}: nothing of one can be read before it is whole`;
    return [{ id: "long-fragments", level: "warning", text, advice: "for live use let the producer make fragments of 1 to 4 s: set the camera's key frame interval" }];
  }
  return [];
}

function pictureFindings(pictures: PictureFacts): Finding[] {
  const { keyIntervalMs, isVariableRate, intervalMs, isReordered, reorderDepth, fragmentsWithoutKeyFirst, fragments, hasInitChange, fps } = pictures;
  const findings: Finding[] = [];
  if (fragmentsWithoutKeyFirst > 0) {
    const text = `fragments that do not begin with a key frame: ${fragmentsWithoutKeyFirst} of ${fragments}; what comes before one cannot be decoded`;
    findings.push({ id: "non-key-start", level: "warning", text, advice: "let the producer begin each fragment at a key frame" });
  }
  if (keyIntervalMs !== null && keyIntervalMs.median > LONG_GROUP_MS) {
    const text = `key frames are ${readable(keyIntervalMs.median)} apart: sampling more often than that must decode every frame`;
    findings.push({ id: "long-gop", level: "warning", text, advice: "set the camera's key frame interval (GOP, I-frame interval) to 1 to 4 s" });
  }
  if (isVariableRate) {
    const text = `the frame rate varies: ${readable(intervalMs.min)} to ${readable(intervalMs.max)} between pictures, ${fps.toFixed(2)} a second on average`;
    findings.push({ id: "variable-rate", level: "note", text, advice: "go by the frames' capture times, not by counting; --target-fps picks on a fixed grid" });
  }
  if (isReordered) {
    findings.push({ id: "b-frames", level: "note", text: `B-frames: a decoder holds back ${reorderDepth} ${reorderDepth === 1 ? "picture" : "pictures"}`, advice: "for the lowest latency turn them off in the camera" });
  }
  if (hasInitChange) {
    findings.push({ id: "init-change", level: "note", text: "the codec data changed within the list: another size, or a restart of the encoder", advice: "frames carry their own size; give --resize where it must stay the same" });
  }
  return findings;
}

/** What pictures look like wrong without. */
function presentationFindings({ video, session }: ProbeFacts): Finding[] {
  const findings: Finding[] = [];
  if (video !== null && video.rotation !== 0) {
    findings.push({ id: "rotated", level: "note", text: `pictures are to be turned by ${video.rotation} degrees`, advice: "frames come as coded: turn them after reading" });
  }
  const aspect = video?.pixelAspect;
  if (video && aspect && aspect.width !== aspect.height) {
    const wide = Math.round((video.width * aspect.width) / aspect.height);
    findings.push({ id: "pixel-aspect", level: "note", text: `pixels are not square (${aspect.width}:${aspect.height})`, advice: `give --resize ${wide}x${video.height} for true proportions` });
  }
  if (video !== null && video.colour?.matrix === undefined) {
    const guess = video.height >= BROADCAST_HEIGHT ? "bt601, though a picture of this size is bt709 as a rule" : "bt601";
    findings.push({ id: "no-colour", level: "note", text: "the stream does not say its colour matrix", advice: `decoders take it for ${guess}: compare colours with the camera's own picture` });
  }
  const sound = session?.codecs.slice(1);
  if (sound && sound.length > 0) findings.push({ id: "sound", level: "note", text: `there is sound (${sound.join(", ")})`, advice: "it is not read, and so not billed" });
  return findings;
}
