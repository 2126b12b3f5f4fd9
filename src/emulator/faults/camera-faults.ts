import type { Camera } from "../camera/camera.js";
import type { Fault } from "./schema.js";

/** Tells a camera ahead what it will do; a fault of another kind leaves it alone. */
export function applyToCamera(fault: Fault, camera: Camera, { at, until }: { readonly at: number; readonly until: number }): void {
  if (fault.kind === "offline") camera.goOffline(at, until);
  if (fault.kind === "clock-step") camera.stepClock(at, fault.byMs);
  if (fault.kind === "init") camera.changeInit(at);
  if (fault.kind === "resend") camera.resend(at, at - fault.ago, at - fault.ago + fault.length);
}
