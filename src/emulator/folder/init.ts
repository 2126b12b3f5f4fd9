import { hevcProfile } from "../media/codec.js";
import { boxesIn, childrenOf, descend, Fields, type FoundBox } from "./boxes.js";

/** What an init segment says. */
export interface InitFacts {
  /** Of the video track, or else of the first. */
  readonly trackId: number | undefined;
  /** Ticks a second. */
  readonly timescale: number | undefined;
  /** Of samples for which their fragment says nothing. */
  readonly defaultDuration: number;
  readonly defaultFlags: number;
  /** As in the CODECS attribute; of a codec that cannot be read, the most usual one. */
  readonly codec: string;
  /** Pixels, 0 where they are not told. */
  readonly width: number;
  readonly height: number;
}

const USUAL_AVC_PROFILE = "640028";
const USUAL_HEVC_PROFILE = "1.6.L93.B0";
/** Fields of a visual sample entry, before the boxes in it. */
const VISUAL_ENTRY = { width: 24, height: 26, boxes: 78 };
const HEVC_PROFILE_BYTES = 13;

/** Reads an init segment as far as it can be read. */
export function readInit(bytes: Buffer): InitFacts {
  const moov = [...boxesIn(bytes)].find(({ type }) => type === "moov");
  const traks = moov ? childrenOf(bytes, moov, "trak") : [];
  const trak = traks.find((each) => handlerOf(bytes, each) === "vide") ?? traks[0];
  const trackId = afterTimes(new Fields(bytes, descend(bytes, trak, "tkhd")));
  const timescale = afterTimes(new Fields(bytes, descend(bytes, trak, "mdia", "mdhd")));
  const trex = trexOf(bytes, moov, trackId);
  return {
    trackId,
    timescale: timescale === 0 ? undefined : timescale,
    defaultDuration: trex?.uint32(12) ?? 0,
    defaultFlags: trex?.uint32(20) ?? 0,
    ...readEntry(bytes, descend(bytes, trak, "mdia", "minf", "stbl", "stsd")),
  };
}

const handlerOf = (bytes: Buffer, trak: FoundBox): string | undefined =>
  new Fields(bytes, descend(bytes, trak, "mdia", "hdlr")).bytes(8, 12)?.toString("latin1");

/** Reads what stands behind the times of creation and change: longer ones in version 1. */
const afterTimes = (box: Fields): number | undefined => box.uint32(box.version === 1 ? 20 : 12);

function trexOf(bytes: Buffer, moov: FoundBox | undefined, trackId?: number): Fields | undefined {
  const mvex = descend(bytes, moov, "mvex");
  const all = mvex ? childrenOf(bytes, mvex, "trex").map((box) => new Fields(bytes, box)) : [];
  return all.find((trex) => trex.uint32(4) === trackId);
}

type Entry = Pick<InitFacts, "codec" | "width" | "height">;

function readEntry(bytes: Buffer, stsd: FoundBox | undefined): Entry {
  const [entry] = stsd ? boxesIn(bytes, stsd.bodyAt + 8, stsd.end) : [];
  if (entry?.type === "mp4a") return { codec: "mp4a.40.2", width: 0, height: 0 };
  const fields = new Fields(bytes, entry);
  return {
    codec: codecOf(bytes, entry),
    width: fields.uint16(VISUAL_ENTRY.width) ?? 0,
    height: fields.uint16(VISUAL_ENTRY.height) ?? 0,
  };
}

function codecOf(bytes: Buffer, entry: FoundBox | undefined): string {
  const type = entry?.type ?? "";
  const boxes = entry ? [...boxesIn(bytes, entry.bodyAt + VISUAL_ENTRY.boxes, entry.end)] : [];
  const fieldsOf = (wanted: string) =>
    new Fields(
      bytes,
      boxes.find((box) => box.type === wanted),
    );
  if (/^(hvc1|hev1)$/.test(type)) {
    const configuration = fieldsOf("hvcC").bytes(0, HEVC_PROFILE_BYTES);
    return `${type}.${configuration ? hevcProfile(configuration) : USUAL_HEVC_PROFILE}`;
  }
  if (/^(avc1|avc3)$/.test(type)) {
    return `${type}.${fieldsOf("avcC").bytes(1, 4)?.toString("hex") ?? USUAL_AVC_PROFILE}`;
  }
  return /^[a-zA-Z0-9]{4}$/.test(type) ? type : `avc1.${USUAL_AVC_PROFILE}`;
}
