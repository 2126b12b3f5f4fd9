import type { ProgressStatus } from "./progress.js";

/** Without a frame for so long, the lag of the last one says nothing any more. */
const SILENT_MS = 5000;

/**
 * "front  connected  123 frames  10.0 fps  lag 2.3s  8.4 MB  00:00:12 (40%, 00:00:18 left)"
 * @param columns of the terminal: what does not fit is left out from the end
 */
export function formatProgress(status: ProgressStatus, columns = Infinity): string {
  const { cameraId, state, isOver, frames, fps, lagMs, silentMs, bytesWritten, elapsedMs, share } = status;
  const isSilent = silentMs !== undefined && silentMs >= SILENT_MS && !isOver;
  const parts = [
    cameraId,
    isOver ? "ended" : state,
    `${frames} ${frames === 1 ? "frame" : "frames"}`,
    fps === undefined ? [] : `${fps.toFixed(1)} fps`,
    isSilent ? `no frame for ${Math.floor(silentMs / 1000)}s` : lagMs === undefined ? [] : `lag ${(lagMs / 1000).toFixed(1)}s`,
    formatBytes(bytesWritten),
    formatTime(elapsedMs, share),
  ].flat();
  while (parts.length > 1 && parts.join("  ").length >= columns) parts.pop();
  return parts.join("  ");
}

function formatTime(elapsedMs: number, share: number | undefined): string {
  const elapsed = formatClock(elapsedMs);
  if (share === undefined) return elapsed;
  const percent = `${Math.floor(share * 100)}%`;
  return share === 0 ? `${elapsed} (${percent})` : `${elapsed} (${percent}, ${formatClock((elapsedMs * (1 - share)) / share)} left)`;
}

/** "00:01:30" */
function formatClock(durationMs: number): string {
  const seconds = Math.floor(durationMs / 1000);
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, "0")).join(":");
}

const UNITS = ["B", "kB", "MB", "GB", "TB"];

function formatBytes(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power]}`;
}
