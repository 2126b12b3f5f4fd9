/** What a decoder must know ahead of the pictures. */
export interface DecoderSetup {
  /** An init segment (ftyp + moov). */
  readonly bytes: Buffer;
  readonly codec: "h264" | "h265";
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Body of avcC or hvcC, in base64. */
  readonly configuration: string;
  /** Other boxes of its sample entry that say how pixels are to be understood. */
  readonly extra: readonly { readonly type: string; readonly body: Buffer }[];
}

/**
 * The decoder's input: whole coded pictures, which reference earlier ones only as {@link CodedPictures.leaning} says, each under a presentation number of our own making that comes out again
 * with the decoded picture. The service's decode times never reach the decoder, because their base may change from session
 * to session and one step back silently costs frames.
 */
export interface CodedPictures<T> {
  /** An MP4 movie fragment (moof + mdat), in pieces, to be written in a row: two of boxes, then one for each sample. */
  readonly bytes: readonly Buffer[];
  /** The presentation number of each sample, in decoding order: numbers count in output order. */
  readonly numbers: readonly number[];
  /** What to hand back with each picture that is wanted, by its presentation number, in order of it, which is output order. */
  readonly wanted: ReadonlyMap<number, T>;
  /**
   * Wanted pictures that reference what was put in before these: each with the {@link CodedPictures.first} of what decoding must have
   * begun with. Without that they would come out wrong, and nothing would tell.
   */
  readonly leaning: ReadonlyMap<number, number>;
  /** The presentation number that `bytes` begin at. */
  readonly first: number;
  /** The largest presentation number in `bytes`. */
  readonly last: number;
}

/**
 * Odd presentation numbers are wanted, even ones are decoded only because others need them. So the decoder can drop a
 * picture by its number alone, before its pixels cost anything.
 */
export const presentationNumber = (position: number, wanted: boolean): number => 2 * position + (wanted ? 1 : 0);

const PIECES_OF_BOXES = 2;

/** The same as samples, for a decoder that needs no MP4: in decoding order, coded bytes and presentation number of each. */
export const samplesOf = ({ bytes, numbers }: Pick<CodedPictures<unknown>, "bytes" | "numbers">): { readonly data: Buffer; readonly number: number }[] =>
  bytes.slice(PIECES_OF_BOXES).map((data, at) => ({ data, number: numbers[at] ?? 0 }));

export const isWantedNumber = (number: number): boolean => number % 2 === 1;

/** More in one picture are not decoded, whatever a header says: 8K, of any format. */
export const MAX_PIXELS = 36_000_000;
