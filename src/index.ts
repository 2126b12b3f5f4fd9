export { resolveOptions } from "./core/options.js";
