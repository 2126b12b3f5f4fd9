import type { SourceEvent } from "../../core/events.js";
import type { Health, MonitoringServer } from "../../telemetry/server.js";

export interface MonitoringAddress {
  readonly host: string;
  readonly port: number;
}

/** Counts from the first event on; serves once there is a source whose health can be asked. */
export interface Monitoring {
  readonly observe: (event: SourceEvent) => void;
  readonly serve: (health: () => Health) => Promise<MonitoringServer>;
}

export async function createMonitoring(cameraId: string, address: MonitoringAddress): Promise<Monitoring> {
  const [{ createMetrics }, { startMonitoring }] = await Promise.all([import("../../telemetry/metrics.js"), import("../../telemetry/server.js")]);
  const metrics = createMetrics(cameraId);
  return {
    observe: (event) => metrics.observe(event),
    serve: (health) => startMonitoring({ ...address, metrics, health }),
  };
}
