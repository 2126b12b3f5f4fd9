/** A snapshot of one source's counters. */
export interface KvsHlsMetrics {
  readonly cameraId: string;
  readonly framesTotal: number;
  readonly reconnectsTotal: number;
  readonly urlRefreshesTotal: number;
  readonly readErrorsTotal: number;
  /** Capture time of the newest frame: Unix epoch, milliseconds; undefined before the first. */
  readonly lastCapturedAt: number | undefined;
  /** The same in seconds with fractions, as Prometheus counts; 0 before the first. */
  readonly lastFrameTimestamp: number;
  readonly fragmentsTotal: number;
  /** Bytes of media received: what the service bills. */
  readonly bytesTotal: number;
  readonly gapsTotal: number;
}
