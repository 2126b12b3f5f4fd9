import { createLogUpdate } from "log-update";
import type { ConnectionState } from "../core/state.js";
import { formatProgress } from "./progress-line.js";

/** What a run has come to, as the status line shows it. Times in milliseconds. */
export interface ProgressStatus {
  readonly cameraId: string;
  readonly state: ConnectionState;
  readonly frames: number;
  readonly bytesWritten: number;
  /** undefined before the second frame. */
  readonly fps: number | undefined;
  /** undefined before the first frame. */
  readonly lagMs: number | undefined;
  /** Since the last frame, or the start; undefined where it says nothing. */
  readonly silentMs?: number | undefined;
  /** Nothing more will come. */
  readonly isOver?: boolean;
  readonly elapsedMs: number;
  /** Where the run has an end: how much of it is done, 0 to 1. */
  readonly share: number | undefined;
}

export interface Progress {
  /** Writes a line that stays, above the status line. */
  writeAbove(text: string): void;
  stop(): void;
}

const REFRESH_MS = 200;

/** Keeps one line at the foot of a terminal up to date. */
export function startProgress(terminal: NodeJS.WritableStream & { readonly columns?: number }, status: () => ProgressStatus): Progress {
  const line = createLogUpdate(terminal, { showCursor: true });
  const draw = (isOver = false): void => line(formatProgress({ ...status(), isOver }, terminal.columns));
  const timer = setInterval(() => draw(), REFRESH_MS).unref();
  draw();
  return {
    writeAbove: (text) => {
      line.clear();
      terminal.write(text);
      draw();
    },
    stop: () => {
      clearInterval(timer);
      draw(true);
      line.done();
    },
  };
}
