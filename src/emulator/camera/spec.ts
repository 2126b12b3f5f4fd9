import type { Media } from "../media/media.js";
import type { FileSource, FolderSource, TestSource } from "../media/sources.js";

/** One stream and the camera that feeds it. */
export interface CameraSpec {
  /** The stream's name. */
  readonly name: string;
  /** A ready {@link Media} may be shared by many cameras. */
  readonly source: TestSource | FileSource | FolderSource | Media;
  /** How long the camera has been sending when the emulator starts. Default: 60. */
  readonly historySeconds?: number;
  /** From a fragment's last picture to its being listed. Default: 300. */
  readonly latencyMs?: number;
  /** How far the camera's clock is ahead of the true time. Default: 0. */
  readonly producerSkewMs?: number;
  /** Default: 24. With 0, the service keeps nothing and plays nothing. */
  readonly retentionHours?: number;
  /** What DescribeStream says; anything but H.264 or H.265 first is refused for playback. Default: what the source holds. */
  readonly mediaType?: string;
}
