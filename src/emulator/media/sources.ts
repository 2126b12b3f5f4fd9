/** A generated camera: a moving picture that carries its own number, see {@link Picture.counter}. */
export interface TestSource {
  readonly kind: "testsrc";
  /** Pixels. Default: 640x360. */
  readonly size?: Size;
  /** Frames a second: "30", "12.5", "30000/1001"; "29.97" means 30000/1001. Default: 30. */
  readonly fps?: string;
  /** Length of a fragment, seconds. Default: 2. */
  readonly fragmentSeconds?: number;
  /** Length of the loop, seconds. Default: 20. */
  readonly loopSeconds?: number;
  /** B-frames in a row. Default: 0. */
  readonly bframes?: number;
  readonly codec?: "h264" | "h265";
  /** A 440 Hz tone as track 2. */
  readonly audio?: boolean;
  /** Irregular frame spacing, 12 to 60 ms, the same in every run; `fps` is not used. */
  readonly variableRate?: boolean;
  /** Picture size in the second half of the loop. */
  readonly switchTo?: Size;
  readonly matrix?: "bt709" | "bt601";
}

/** A recording, played round and round. */
export interface FileSource {
  readonly kind: "file";
  /** Any file ffmpeg reads. */
  readonly path: string;
  /** false leaves the sound out. */
  readonly audio?: boolean;
  /** A fragment ends at the first key frame at least this much after its start, seconds. Default: 1. */
  readonly fragmentSeconds?: number;
}

/**
 * A folder of init segments and fragments, served byte for byte, broken and odd ones too; see docs/folder-cameras.md. It is
 * held in memory, played round and round, and is one track.
 */
export interface FolderSource {
  readonly kind: "folder";
  readonly path: string;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export const DEFAULT_SIZE: Size = { width: 640, height: 360 };
