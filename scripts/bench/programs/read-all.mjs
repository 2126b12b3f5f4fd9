// Reads every frame of a range with the library, and says how many there were.
import { KvsHlsFrameSource } from "kvs-frames";

const source = new KvsHlsFrameSource(JSON.parse(process.argv[2]));
let frames = 0;
for await (const frame of source) {
  frames++;
  source.release(frame);
}
console.log(JSON.stringify({ frames }));
