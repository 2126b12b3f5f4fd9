export { encodeJpeg, encodePng, encodeWebp, type ImageOptions } from "./sinks/images.js";
