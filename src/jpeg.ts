export { encodeJpeg } from "./sinks/images.js";
