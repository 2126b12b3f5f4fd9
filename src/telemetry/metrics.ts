import { Counter, Gauge, Registry } from "prom-client";
import type { SourceEvent } from "../core/events.js";
import { CONNECTION_STATES } from "../core/state.js";

export interface CameraMetrics {
  observe(event: SourceEvent): void;
  readonly contentType: string;
  /** What a scrape gets. */
  text(): Promise<string>;
}

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
  const lag = gauge("kvs_hls_frame_lag_seconds", "From the capture of the newest frame to its delivery here");
  const fragments = counter("kvs_hls_fragments_total", "Fragments received");
  const bytes = counter("kvs_hls_received_bytes_total", "Bytes of media received");
  const gaps = counter("kvs_hls_gaps_total", "Stretches of time whose frames were not delivered");

  const observe = (event: SourceEvent): void => {
    switch (event.type) {
      case "frame":
        frames.inc();
        lastFrame.set(event.frame.capturedAt / 1000);
        lag.set((Date.now() - event.frame.capturedAt) / 1000);
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
