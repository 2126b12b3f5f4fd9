/** One entry of a media playlist, with the tags that stand before it. */
export interface ListedFragment {
  readonly url: string;
  readonly number: string;
  readonly durationMs: number;
  readonly startMs: number;
  readonly initUrl: string;
  readonly isDiscontinuous: boolean;
}

export interface Playlist {
  readonly text: string;
  readonly mediaSequence: number;
  readonly fragments: readonly ListedFragment[];
}

/** A second, deliberately plain reader of playlists, so that the tests lean on no code of ours. */
export async function readPlaylist(url: string): Promise<Playlist> {
  const text = await getText(url);
  const fragments: ListedFragment[] = [];
  let [initUrl, startMs, durationMs, isDiscontinuous] = ["", NaN, NaN, false];
  for (const line of text.split("\n")) {
    const value = line.slice(line.indexOf(":") + 1);
    if (line.startsWith("#EXT-X-MAP:")) initUrl = new URL(/URI="([^"]+)"/.exec(value)![1]!, url).href;
    else if (line.startsWith("#EXT-X-PROGRAM-DATE-TIME:")) startMs = Date.parse(value);
    else if (line.startsWith("#EXTINF:")) durationMs = Number(value.replace(",", "")) * 1000;
    else if (line === "#EXT-X-DISCONTINUITY") isDiscontinuous = true;
    else if (line !== "" && !line.startsWith("#")) {
      const at = new URL(line, url);
      fragments.push({ url: at.href, number: at.searchParams.get("FragmentNumber")!, durationMs, startMs, initUrl, isDiscontinuous });
      isDiscontinuous = false;
    }
  }
  return { text, mediaSequence: Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(text)?.[1]), fragments };
}

/** Media playlist of a track, from the URL of the master playlist. */
export async function mediaPlaylistUrl(masterUrl: string, track = 1): Promise<string> {
  const [uri] = (await getText(masterUrl)).match(new RegExp(`getHLSMediaPlaylist[^"\\s]*TrackNumber=${track}`)) ?? [];
  if (uri === undefined) throw new Error(`no track ${track} in the master playlist`);
  return new URL(uri, masterUrl).href;
}

export async function getText(url: string): Promise<string> {
  return (await getBytes(url)).toString();
}

export async function getBytes(url: string): Promise<Buffer> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`GET ${new URL(url).pathname} answered ${response.status}: ${await response.text()}`);
  return Buffer.from(await response.arrayBuffer());
}
