import { isWantedNumber, type CodedPictures } from "../core/picture.js";

/** A decoder may rightly keep this many pictures back to put them in order (H.264 and H.265 allow 16) before it gives one, and one more in each thread. */
const HELD_BACK = 16;
/** ffmpeg starts no more when it may choose. */
const MOST_THREADS = 16;

/** @param threads as in DecoderOutput */
export const mostHeldBack = (threads = 1): number => HELD_BACK + (threads || MOST_THREADS);

/** How many numbers are remembered under which nothing is owed any more. */
const REMEMBERED = 4096;

/** Pictures that went in together, and those of them that have not come out. */
interface InFlight<T> {
  readonly pictures: CodedPictures<T>;
  readonly left: Map<number, T>;
}

/**
 * What a decoder owes: the wanted pictures that went in and have not come out, each by its number, in whatever order they come.
 * Fragments are kept until all that is wanted of them has come out: as many as the decoder and the pipe to it hold.
 */
export class Ledger<T> {
  #inFlight: InFlight<T>[] = [];
  readonly #taken = new WeakSet<CodedPictures<T>["bytes"]>();
  readonly #lost: T[] = [];
  /** Numbers that may come although nothing is owed under them. */
  readonly #waived = new Set<number>();
  #firstIn: number | undefined;
  #lastIn = 0;
  #given = 0;
  /** Grows with everything that the decoder takes or gives. */
  #progress = 0;
  /** Bytes are being written that the decoder has not taken yet. */
  isFeeding = false;
  /** All input was taken. */
  isEnded = false;

  /** @param heldBack how many pictures the decoder may keep back before it gives one; 0: none, not even for a while */
  constructor(private readonly heldBack = mostHeldBack()) {}

  /** Notes what goes in. What would come out wrong, since this decoder was not given what it references, is lost at once. */
  add(pictures: CodedPictures<T>): void {
    const { wanted, leaning, numbers, first, last, bytes } = pictures;
    this.#firstIn ??= first;
    const begun = this.#firstIn;
    const isWrong = (number: number): boolean => (leaning.get(number) ?? Infinity) < begun;
    const left = new Map([...wanted].filter(([number]) => !isWrong(number)));
    this.#taken.add(bytes);
    this.#inFlight.push({ pictures, left });
    this.#lastIn = last;
    // Those that came out of another decoder come out once more.
    for (const number of numbers) if (isWantedNumber(number) && !wanted.has(number)) this.#mayCome(number);
    this.#forget();
    for (const [number, value] of wanted) if (!left.has(number)) this.#lose(number, value);
  }

  /**
   * Strikes out the picture that came out. What went in so long before it that no decoder may hold it back any more is lost.
   * @returns what was owed under that number: at most one, and none if it had been given up; undefined if that number cannot come
   */
  settle(number: number): T[] | undefined {
    const entry = this.#inFlight.find(({ left }) => left.has(number));
    if (entry === undefined && !this.#waived.delete(number)) return undefined;
    this.#progress += 1;
    this.#given += 1;
    const given = entry === undefined ? [] : [entry.left.get(number) as T];
    entry?.left.delete(number);
    this.#loseBefore(number - 2 * this.heldBack);
    this.#forget();
    return given;
  }

  /** Reports what was lost since this was called last. */
  reportLost(onLost: (values: readonly T[]) => void): void {
    if (this.#lost.length > 0) onLost(this.#lost.splice(0));
  }

  /** The decoder took something. */
  noteTaken(): void {
    this.#progress += 1;
  }

  /** Changes with all that shows that the decoder works: one that owes more than it may hold back must give, not only take. */
  get sign(): number {
    // Numbers of one kind must not pass for those of the other.
    return this.#owesTooMuch ? -2 - this.#given : this.#progress;
  }

  /** The fragments of which something is owed and those fed between them, each wanting no more than what is owed. */
  get inFlight(): CodedPictures<T>[] {
    return this.#inFlight.map(({ pictures, left }) => ({ ...pictures, wanted: new Map(left) }));
  }

  /** All that has not come out. */
  get owed(): T[] {
    return this.#inFlight.flatMap(({ left }) => [...left.values()]);
  }

  /** The same pictures, of which only those are wanted that have not come out. */
  owedOf(pictures: CodedPictures<T>): CodedPictures<T> {
    if (!this.#taken.has(pictures.bytes)) return pictures;
    const entry = this.#inFlight.find((other) => other.pictures.bytes === pictures.bytes);
    return { ...pictures, wanted: new Map(entry?.left) };
  }

  /** Whether something should have come out, or gone in, by now. */
  get isOverdue(): boolean {
    return this.isFeeding || this.isEnded || (this.#oldest !== undefined && this.heldBack === 0) || this.#owesTooMuch;
  }

  get #owesTooMuch(): boolean {
    const oldest = this.#oldest;
    return oldest !== undefined && this.#lastIn - oldest > 2 * this.heldBack;
  }

  get #oldest(): number | undefined {
    for (const number of this.#inFlight[0]?.left.keys() ?? []) return number;
    return undefined;
  }

  #loseBefore(number: number): void {
    for (const { left } of this.#inFlight) {
      for (const [other, value] of left) {
        if (other >= number) return;
        left.delete(other);
        this.#lose(other, value);
      }
    }
  }

  #lose(number: number, value: T): void {
    this.#mayCome(number);
    this.#lost.push(value);
  }

  #mayCome(number: number): void {
    this.#waived.add(number);
    for (const oldest of this.#waived) {
      if (this.#waived.size <= REMEMBERED) break;
      this.#waived.delete(oldest);
    }
  }

  /** What came out whole is not in flight; what follows something that did not is kept, as it may be needed to go on. */
  #forget(): void {
    while (this.#inFlight[0]?.left.size === 0) this.#inFlight.shift();
  }
}
