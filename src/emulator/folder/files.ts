import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { FolderError } from "./error.js";
import { fileOf, isMediaPlaylist, readPlaylist, type ListedFile } from "./playlist.js";
import { piecesOf } from "./split.js";

/** One fragment in the order of the folder, with what its playlist says of it, if there is one. */
export interface FolderFragment extends Partial<Omit<ListedFile, "uri" | "init">> {
  readonly bytes: Buffer;
  readonly init: Buffer;
}

const WANTED = "an init segment (a file with a moov box) and fragments";
const PLAYLIST = /\.m3u8$/i;
const IGNORED = /^\.|\.(json|txt|md|m3u8)$/i;
/** As people count: 2 before 10, in every locale. */
const byName = new Intl.Collator("en", { numeric: true });

/**
 * Reads the fragments of a folder: in the order of its media playlist where it has exactly one,
 * else by name.
 * @throws FolderError saying what the folder lacks
 */
export async function readFragments(folder: string): Promise<FolderFragment[]> {
  const names = await filesIn(folder);
  const playlists: { readonly name: string; readonly text: string }[] = [];
  for (const name of names.filter((each) => PLAYLIST.test(each))) {
    const text = await readFile(join(folder, name), "utf8");
    if (isMediaPlaylist(text)) playlists.push({ name, text });
  }
  const [playlist, ...others] = playlists;
  return playlist && others.length === 0
    ? listed(folder, names, playlist)
    : byNames(
        folder,
        names.filter((name) => !IGNORED.test(name)),
      );
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    throw new FolderError(`camera must be a folder that can be read, got "${folder}" (${code})`);
  });
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  return names.sort((a, b) => byName.compare(a, b) || (a < b ? -1 : 1));
}

async function listed(
  folder: string,
  names: readonly string[],
  playlist: { readonly name: string; readonly text: string },
): Promise<FolderFragment[]> {
  const path = join(folder, playlist.name);
  const there = new Set(names);
  const read = remembering((uri) => readFile(join(folder, fileOf(uri, there, path))));
  const fragments: FolderFragment[] = [];
  for (const { uri, init, ...rest } of readPlaylist(playlist.text, path)) {
    fragments.push({ ...rest, init: await read(init), bytes: await read(uri) });
  }
  if (fragments.length === 0) {
    throw new FolderError(`playlist "${path}" must name fragments, got none`);
  }
  return fragments;
}

/** Reads each file once, however often it is named. */
function remembering(read: (uri: string) => Promise<Buffer>): typeof read {
  const known = new Map<string, Promise<Buffer>>();
  return (uri) => {
    const reading = known.get(uri) ?? read(uri);
    known.set(uri, reading);
    return reading;
  };
}

/** An init segment serves what comes after it; the first one also what comes before. */
async function byNames(folder: string, names: readonly string[]): Promise<FolderFragment[]> {
  const pieces = [];
  for (const name of names) pieces.push(...piecesOf(await readFile(join(folder, name))));
  let init = pieces.find(({ kind }) => kind === "init")?.bytes;
  if (init === undefined) {
    const seen = names.length === 0 ? "no files" : `${count(names.length, "file")} and no moov`;
    throw new FolderError(`camera folder must hold ${WANTED}, got "${folder}" with ${seen}`);
  }
  const fragments: FolderFragment[] = [];
  for (const { kind, bytes } of pieces) {
    if (kind === "init") init = bytes;
    else fragments.push({ bytes, init });
  }
  if (fragments.length === 0) {
    const seen = `${count(pieces.length, "init segment")} and no fragment`;
    throw new FolderError(`camera folder must hold ${WANTED}, got "${folder}" with ${seen}`);
  }
  return fragments;
}

const count = (number: number, what: string): string =>
  `${number} ${what}${number === 1 ? "" : "s"}`;
