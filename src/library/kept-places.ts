import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Call } from '../call.ts';
import type { KeptPlace, SearchIndex, Source } from '../stores/index/types.ts';
import { below, idOf, locate, openPlace } from './places.ts';
import type { IngestOptions } from './types.ts';

/**
 * What is asked for, as places that can be kept.
 * @throws HydrogenError `not_found` for a path that is not there.
 */
export async function placesOf(
  paths: readonly string[],
  { include, exclude }: Pick<IngestOptions, 'include' | 'exclude'>,
): Promise<KeptPlace[]> {
  const patterns = { ...(include && { include }), ...(exclude && { exclude }) };
  const places = await Promise.all(paths.map(openPlace));
  return places.map(({ path, stat }) =>
    stat.isDirectory() ? { path, kind: 'folder', ...patterns } : { path, kind: 'file' },
  );
}

/** Whether a folder that is kept without patterns brings a file with it. */
function isCovered({ path, kind }: KeptPlace, kept: readonly KeptPlace[]): boolean {
  return kind === 'file' && kept.some((one) => !one.include && !one.exclude && isWithin(path, one));
}

/** From now on the places are read again whenever the library is brought up to date. */
export async function keepPlaces(
  places: readonly KeptPlace[],
  index: SearchIndex,
  call: Call,
): Promise<void> {
  const kept = await index.places(call);
  const known = new Set(kept.map((place) => JSON.stringify(place)));
  const all = [...kept, ...places];
  const fresh = places.filter((place) => !known.has(JSON.stringify(place)) && !isCovered(place, all));
  if (fresh.length > 0) await index.keepPlaces(fresh, call);
}

/** Whether a path lies in a folder, below it. */
export function isWithin(path: string, { path: folder, kind }: KeptPlace): boolean {
  const rest = below(folder, path);
  return kind === 'folder' && rest !== undefined && rest !== '';
}

/** The id of the document of a file that is a place. */
function documentOf({ path }: KeptPlace, sources: readonly Source[]): string | undefined {
  const location = locate(sources, path);
  return location && idOf(location.source, location.path);
}

/**
 * The places that are there. A file that has gone from its folder leaves the library, and is not looked for any
 * more; a folder that is not there may come back.
 */
export async function presentPlaces(
  places: readonly KeptPlace[],
  index: SearchIndex,
  call: Call,
): Promise<{ readonly present: readonly KeptPlace[]; readonly removed: number }> {
  const present = places.filter(({ path }) => existsSync(path));
  const gone = places.filter(
    ({ path, kind }) => kind === 'file' && !existsSync(path) && existsSync(dirname(path)),
  );
  if (gone.length === 0) return { present, removed: 0 };
  const sources = await index.sources(call);
  const ids = gone.flatMap((place) => documentOf(place, sources) ?? []);
  const removed = await index.remove(ids, call);
  await leave(gone, index, call);
  return { present, removed: removed.length };
}

const leave = (places: readonly KeptPlace[], index: SearchIndex, call: Call): Promise<void> =>
  index.leavePlaces(
    places.map(({ path }) => path),
    call,
  );

/** A file whose document was taken out is not read again. */
export async function leaveDocument(id: string, index: SearchIndex, call: Call): Promise<void> {
  const files = (await index.places(call)).filter(({ kind }) => kind === 'file');
  if (files.length === 0) return;
  const sources = await index.sources(call);
  const own = files.filter((place) => documentOf(place, sources) === id);
  if (own.length > 0) await leave(own, index, call);
}

/** Nothing of a source that is taken out is read again. */
export async function leaveSource(name: string, index: SearchIndex, call: Call): Promise<void> {
  const sources = await index.sources(call);
  const own = (await index.places(call)).filter(({ path }) => locate(sources, path)?.source.name === name);
  if (own.length > 0) await leave(own, index, call);
}
