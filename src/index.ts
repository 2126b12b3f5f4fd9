export { resolveOptions } from "./core/options.js";
export { KvsHlsFrameSource } from "./source/placeholder.js";
