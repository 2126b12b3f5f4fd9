/** Times in records are whole milliseconds, those of the camera have fractions. */
const TOLERANCE_MS = 1;
/** Of the frames that did not come, so many can still be recognised when they come late. */
const REMEMBERED = 10_000;

/** Fragment numbers are too long for a number. */
const isBefore = (a, b) => BigInt(a.number) < BigInt(b.number) || (a.number === b.number && a.index < b.index);
const keyOf = ({ number, index }) => `${number}/${index}`;

/** Compares records of frames, one after the other, with what the camera sent from the first of them to the last. */
export class FrameCheck {
  frames = 0;
  /** Of the images. */
  bytes = 0;
  lost = 0;
  repeated = 0;
  outOfOrder = 0;
  wrongTime = 0;
  /** Frames that the camera never sent. */
  unknown = 0;
  largestErrorMs = 0;
  largestLagMs = 0;
  /** Capture time of the newest frame, Unix epoch milliseconds. */
  newestMs = undefined;
  #camera;
  /** The newest frame's fragment, as the camera sent it, and place in it. */
  #fragment;
  #place;
  #missing = new Set();

  /** @param camera of the emulator: truth(number) and fragments(fromMs, toMs, clock) are asked */
  constructor(camera) {
    this.#camera = camera;
  }

  add({ fragment: number, index, capturedAtMs, lagMs, bytes }) {
    this.frames++;
    this.bytes += bytes;
    const fragment = this.#fragment?.number === number ? this.#fragment : this.#camera.truth(number);
    const frame = fragment?.frames[index];
    if (frame === undefined) {
      this.unknown++;
      return;
    }
    this.#checkTime(capturedAtMs - frame.producerMs);
    this.largestLagMs = Math.max(this.largestLagMs, lagMs);
    const place = { number, index };
    if (this.#place !== undefined && !isBefore(this.#place, place)) {
      this.#addLate(place);
      return;
    }
    if (this.#place !== undefined) this.#miss(this.#place, place, fragment);
    this.#place = place;
    this.#fragment = fragment;
    this.newestMs = capturedAtMs;
  }

  #checkTime(errorMs) {
    this.largestErrorMs = Math.max(this.largestErrorMs, Math.abs(errorMs));
    if (!(Math.abs(errorMs) <= TOLERANCE_MS)) this.wrongTime++;
  }

  #addLate(place) {
    if (this.#missing.delete(keyOf(place))) {
      this.lost--;
      this.outOfOrder++;
    } else {
      this.repeated++;
    }
  }

  /** Counts what the camera sent between two frames, of which the second is in `fragment`. */
  #miss(from, to, fragment) {
    if (from.number === to.number && from.index + 1 === to.index) return;
    const sent = from.number === to.number ? [fragment] : this.#camera.fragments(this.#fragment.startMs.server, fragment.startMs.server, "server");
    for (const { number, frames } of sent) {
      for (const { index } of frames) {
        const place = { number, index };
        if (isBefore(from, place) && isBefore(place, to)) this.#remember(keyOf(place));
      }
    }
  }

  #remember(key) {
    this.lost++;
    this.#missing.add(key);
    if (this.#missing.size > REMEMBERED) this.#missing.delete(this.#missing.values().next().value);
  }
}
