import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { SourceEvent } from "../core/events.js";
import { CONNECTION_STATES } from "../core/state.js";
import { WaitingTracker } from "../core/waiting.js";
import { RecentLag } from "./recent-lag.js";

export interface CameraMetrics {
  observe(event: SourceEvent): void;
  readonly contentType: string;
  /** What a scrape gets. */
  text(): Promise<string>;
}

/** Seconds: a fragment is 1 to 10 s long, and comes when it is whole. */
const LAG_BUCKETS = [0.5, 1, 2, 3, 4, 6, 8, 12, 16, 30, 60, 300, 3600];

/** The Prometheus series of one camera, fed with its events. Each exists from the start: a rate over one that appears with its first event misses that event. */
export function createMetrics(cameraId: string): CameraMetrics {
  const registry = new Registry();
  registry.setDefaultLabels({ camera_id: cameraId });
  const counter = (name: string, help: string) => new Counter({ name, help, registers: [registry] });
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers: [registry] });

  const frames = counter("kvs_hls_frames_total", "Frames delivered");
  const reconnects = counter("kvs_hls_reconnects_total", "Connections given up and tried again");
  const urlRefreshes = counter("kvs_hls_url_refreshes_total", "Session URLs replaced at or before their expiry");
  const readErrors = counter("kvs_hls_read_errors_total", "Playlists or fragments that could not be read");
  const lastFrame = gauge("kvs_hls_last_frame_timestamp", "Capture time of the newest frame, Unix seconds");
  const state = gauge("kvs_hls_connection_state", "0 disconnected, 1 connecting, 2 connected, 3 reconnecting, 4 error");
  const recentLag = new RecentLag();
  new Gauge({
    name: "kvs_hls_frame_lag_seconds",
    help: "From capture to delivery here, the longest of the last 15 s or more; while no frame comes, the age of the newest",
    registers: [registry],
    collect() {
      this.set((recentLag.at(Date.now()) ?? 0) / 1000);
    },
  });
  const lags = new Histogram({ name: "kvs_hls_delivery_lag_seconds", help: "From the capture of a frame to its delivery here", buckets: LAG_BUCKETS, registers: [registry] });
  const tracker = new WaitingTracker();
  const waiting = gauge("kvs_hls_waiting", "1 while the camera is silent or sends nothing that can be decoded, else 0");
  const fragments = counter("kvs_hls_fragments_total", "Fragments received");
  const bytes = counter("kvs_hls_received_bytes_total", "Bytes of media received");
  const gaps = counter("kvs_hls_gaps_total", "Stretches of time whose frames were not delivered");

  const observe = (event: SourceEvent): void => {
    tracker.observe(event);
    waiting.set(tracker.current === undefined ? 0 : 1);
    switch (event.type) {
      case "frame":
        frames.inc();
        lastFrame.set(event.frame.capturedAt / 1000);
        recentLag.add(event.frame.capturedAt, Date.now());
        lags.observe((Date.now() - event.frame.capturedAt) / 1000);
        return;
      case "state":
        state.set(CONNECTION_STATES[event.state]);
        return;
      case "session":
        if (event.reason === "refresh" || event.reason === "expired") urlRefreshes.inc();
        return;
      case "reconnect":
        reconnects.inc();
        return;
      case "readError":
        readErrors.inc();
        return;
      case "fragment":
        fragments.inc();
        bytes.inc(event.bytes);
        return;
      case "gap":
        gaps.inc();
        return;
      case "waiting":
      case "repeat":
      case "skipped":
      case "decoder":
        return;
    }
  };
  return { observe, contentType: registry.contentType, text: () => registry.metrics() };
}
