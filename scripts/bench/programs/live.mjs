// Reads live cameras for some seconds, and says when the newest frame of each fragment was delivered: by camera, [fragment,
// index, Unix epoch milliseconds].
import { KvsHlsFrameSource } from "kvs-frames";

const { streamNames, seconds, ...options } = JSON.parse(process.argv[2]);
const end = new AbortController();
setTimeout(() => end.abort(), seconds * 1000);

async function read(streamName) {
  const newest = new Map();
  const source = new KvsHlsFrameSource({ ...options, streamName, signal: end.signal });
  try {
    for await (const frame of source) {
      newest.set(frame.fragment, [frame.index, Date.now()]);
      source.release(frame);
    }
  } catch (error) {
    if (!end.signal.aborted) throw error;
  }
  return [streamName, [...newest].map(([fragment, [index, at]]) => [fragment, index, at])];
}

console.log(JSON.stringify(Object.fromEntries(await Promise.all(streamNames.map(read)))));
