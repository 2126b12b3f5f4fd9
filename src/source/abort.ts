import { setMaxListeners } from "node:events";

/** A controller that is aborted with any of the signals: AbortSignal.any, but without leaving anything on those that live longer. */
export function linkedTo(...signals: (AbortSignal | undefined)[]): { controller: AbortController; release: () => void } {
  const controller = new AbortController();
  const links = signals.map((signal) => {
    const forward = (): void => controller.abort(signal?.reason);
    if (signal?.aborted) forward();
    if (signal) setMaxListeners(0, signal); // a hundred sources may share one
    signal?.addEventListener("abort", forward, { once: true });
    return () => signal?.removeEventListener("abort", forward);
  });
  return { controller, release: () => links.forEach((unlink) => unlink()) };
}
