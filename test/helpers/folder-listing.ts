import assert from "node:assert/strict";
import type { Emulated } from "./emulated.js";
import { getBytes, mediaPlaylistUrl, readPlaylist, type Playlist } from "./playlist.js";

const PRODUCER = "PRODUCER_TIMESTAMP";

/** Opens sessions that list a camera's newest fragments, or those of the last 50 seconds. */
export const listingsOf = (emulated: Emulated) => ({
  live: async (name: string): Promise<Playlist> => {
    const url = await emulated.open(name, {
      MaxMediaPlaylistFragmentResults: 20,
      DiscontinuityMode: "ON_DISCONTINUITY",
      HLSFragmentSelector: { FragmentSelectorType: PRODUCER },
    });
    return readPlaylist(await mediaPlaylistUrl(url));
  },
  archive: async (name: string): Promise<Playlist> => {
    const [StartTimestamp, EndTimestamp] = [new Date(Date.now() - 50_000), new Date()];
    const url = await emulated.open(name, {
      PlaybackMode: "ON_DEMAND",
      HLSFragmentSelector: {
        FragmentSelectorType: PRODUCER,
        TimestampRange: { StartTimestamp, EndTimestamp },
      },
    });
    return readPlaylist(await mediaPlaylistUrl(url));
  },
});

/** The listed fragments must be those of the folder, round and round from any of them on. */
export async function assertLoop({ fragments }: Playlist, files: readonly Buffer[]): Promise<void> {
  const bodies = await Promise.all(fragments.map(({ url }) => getBytes(url)));
  const first = files.findIndex((file) => file.equals(bodies[0]!));
  assert.ok(first >= 0, "the first is one of the folder's");
  for (const [i, body] of bodies.entries())
    assert.deepEqual(body, files[(first + i) % files.length]);
}
