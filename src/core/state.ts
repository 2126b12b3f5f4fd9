/** What a source is doing. The number is the value of the `kvs_hls_connection_state` gauge. */
export const CONNECTION_STATES = { disconnected: 0, connecting: 1, connected: 2, reconnecting: 3, error: 4 } as const;
export type ConnectionState = keyof typeof CONNECTION_STATES;

/**
 * `connected` means that a frame was decoded, not that a request was answered; `reconnecting` that frames have ceased: the connection
 * was lost, or the camera has been silent for some seconds.
 */
const TRANSITIONS: Readonly<Record<ConnectionState, readonly ConnectionState[]>> = {
  disconnected: ["connecting"],
  connecting: ["connected", "reconnecting", "error", "disconnected"],
  connected: ["reconnecting", "error", "disconnected"],
  reconnecting: ["connected", "error", "disconnected"],
  error: ["disconnected"],
};

export function canTransition(from: ConnectionState, to: ConnectionState): boolean {
  return TRANSITIONS[from].includes(to);
}
