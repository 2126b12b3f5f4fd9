import * as cameras from "./rows/cameras.mjs";
import * as growthArchive from "./rows/growth-archive.mjs";
import * as growthCameras from "./rows/growth-cameras.mjs";
import * as growthSizes from "./rows/growth-sizes.mjs";
import * as help from "./rows/help.mjs";
import * as jpeg from "./rows/jpeg.mjs";
import * as keyFrame from "./rows/key-frame.mjs";
import * as library from "./rows/library.mjs";
import * as liveLatency from "./rows/live-latency.mjs";
import * as rawStdout from "./rows/raw-stdout.mjs";
import * as rssLive from "./rows/rss-live.mjs";
import * as snapshot from "./rows/snapshot.mjs";
import * as sparse from "./rows/sparse.mjs";

/** In the order in which they run: `titles` by the name of a row, and `run`, which is told which of them are wanted. */
export const BLOCKS = [
  rawStdout, library, jpeg, sparse, keyFrame, liveLatency, snapshot, help, cameras, rssLive, growthCameras, growthSizes, growthArchive,
];

export const TITLES = Object.assign({}, ...BLOCKS.map(({ titles }) => titles));
