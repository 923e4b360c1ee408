import type { Stats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Call } from '../call.ts';
import type { KeptPlace, SearchIndex } from '../stores/index/types.ts';
import { pathFilter } from './file-selection.ts';
import { below, idOf, locate, openPlace } from './places.ts';
import type { IngestOptions } from './types.ts';

/** A place that is there. */
export interface OpenPlace extends KeptPlace {
  readonly stat: Stats;
}

/**
 * What is asked for, as places that can be kept.
 * @throws HydrogenError `not_found` for a path that is not there, `bad_input` for an empty pattern.
 */
export async function placesOf(
  paths: readonly string[],
  { include = [], exclude = [] }: Pick<IngestOptions, 'include' | 'exclude'>,
): Promise<OpenPlace[]> {
  await pathFilter({ include, exclude });
  const patterns = { ...(include.length > 0 && { include }), ...(exclude.length > 0 && { exclude }) };
  const places = await Promise.all(paths.map(openPlace));
  return places.map(({ path, stat }) =>
    stat.isDirectory() ? { path, stat, kind: 'folder', ...patterns } : { path, stat, kind: 'file' },
  );
}

function patternsOf({ include, exclude }: KeptPlace): string {
  const only = include && `only files that match ${include.join(', ')}`;
  const without = exclude && `nothing that matches ${exclude.join(', ')}`;
  return [only, without].filter((part) => part !== undefined).join(' and ');
}

/**
 * From now on the places are read again whenever the library is brought up to date. A folder that is named
 * without patterns keeps those that were given for it before, which a note tells.
 */
export async function keepPlaces(
  asked: readonly OpenPlace[],
  index: SearchIndex,
  call: Call,
): Promise<{ readonly places: readonly OpenPlace[]; readonly notes: readonly string[] }> {
  const kept = new Map((await index.places(call)).map((place) => [place.path, place]));
  const notes: string[] = [];
  const places = asked.map((place): OpenPlace => {
    const before = kept.get(place.path);
    if (!before || place.kind !== 'folder' || place.include || place.exclude) return place;
    const patterns = patternsOf(before);
    if (patterns !== '') notes.push(`Read as before: ${patterns}. To read all of it, include "*".`);
    return { ...before, stat: place.stat };
  });
  const fresh = places
    .map(({ stat: _, ...place }): KeptPlace => place)
    .filter((place) => JSON.stringify(kept.get(place.path)) !== JSON.stringify(place));
  if (fresh.length > 0) await index.keepPlaces(fresh, call);
  return { places, notes };
}

/** Whether a path lies in a folder, below it. */
export function isWithin(path: string, { path: folder }: KeptPlace): boolean {
  const rest = below(folder, path);
  return rest !== undefined && rest !== '';
}

/** The place as it is now, or whether it has gone from its folder. */
async function lookAt(place: KeptPlace): Promise<OpenPlace | 'gone' | 'unknown'> {
  const { path, kind } = place;
  try {
    // Where a link stands now, something else was asked for.
    if ((await realpath(path)) !== path) return 'gone';
    const found = await stat(path);
    return found.isDirectory() === (kind === 'folder') ? { ...place, stat: found } : 'gone';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') return 'unknown';
    const folder = await realpath(dirname(path)).catch(() => undefined);
    return folder === dirname(path) ? 'gone' : 'unknown';
  }
}

/**
 * The places that are there, and the paths of those of which nothing can be told. The document of a file that
 * has gone leaves the library; a folder that has keeps its documents. Both stay places: they may come back.
 */
export async function presentPlaces(
  places: readonly KeptPlace[],
  index: SearchIndex,
  call: Call,
): Promise<{
  readonly present: readonly OpenPlace[];
  readonly unknown: readonly string[];
  readonly removed: number;
}> {
  const present: OpenPlace[] = [];
  const unknown: string[] = [];
  const gone: KeptPlace[] = [];
  for (const place of places) {
    const found = await lookAt(place);
    if (found === 'unknown') unknown.push(place.path);
    else if (found !== 'gone') present.push(found);
    else if (place.kind === 'file') gone.push(place);
  }
  if (gone.length === 0) return { present, unknown, removed: 0 };
  const sources = await index.sources(call);
  const ids = gone.flatMap(({ path }) => {
    const location = locate(sources, path);
    return location ? [idOf(location.source, location.path)] : [];
  });
  const removed = await index.remove(ids, call);
  return { present, unknown, removed: removed.length };
}
