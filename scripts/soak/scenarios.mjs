/**
 * What is run for how long. `camera` is the emulator's, behind NAME=; `sessionSeconds` ends its sessions early; `flags` are of
 * `kvs-frames pull`; `servesSeconds` is how long a session serves until it is replaced; with `isPiped`, stdout carries pictures.
 */
export const SCENARIOS = {
  "raw-1080p30": { camera: "testsrc,size=1920x1080,fps=30", flags: ["--format", "raw", "--out", "-"], isPiped: true, servesSeconds: 270, minutes: 30 },
  "raw-1080p30-node-av": { camera: "testsrc,size=1920x1080,fps=30", flags: ["--format", "raw", "--out", "-", "--decoder", "node-av"], isPiped: true, servesSeconds: 270, minutes: 30 },
  "expiry-360p": { camera: "testsrc,size=640x360,fps=15", flags: ["--no-images"], sessionSeconds: 60, servesSeconds: 60, minutes: 30 },
  "tokens-8s": { camera: "testsrc,fps=15", flags: ["--no-images"], sessionSeconds: 8, servesSeconds: 8, minutes: 10 },
  "tokens-3s": { camera: "testsrc,fps=15", flags: ["--no-images"], sessionSeconds: 3, servesSeconds: 3, minutes: 10 },
  // As many sessions as an hour takes with the default life and margin.
  "rotation": { camera: "testsrc,fps=15", flags: ["--no-images", "--hls-session-seconds", "300", "--url-refresh-margin", "285"], servesSeconds: 15, minutes: 3.5 },
};
