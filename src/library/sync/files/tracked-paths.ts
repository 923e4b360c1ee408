import { type BigIntStats, existsSync } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Call } from '../../../call.ts';
import type { Catalog, TrackedPath } from '../../../stores/index/types.ts';
import type { IngestOptions } from '../../types.ts';
import { pathFilter } from './file-selection.ts';
import { below, idOf, locate, openRoot, pathOf } from './roots.ts';

/** A tracked path that exists. */
export interface OpenTrackedPath extends TrackedPath {
  readonly stat: BigIntStats;
}

/**
 * The requested paths, ready to be tracked.
 * @throws HydrogenError `not_found` for a missing path, `bad_input` for an empty pattern.
 */
export async function trackedPathsOf(
  paths: readonly string[],
  { include = [], exclude = [], areReal = false }: Omit<IngestOptions, 'reembed'>,
): Promise<OpenTrackedPath[]> {
  await pathFilter({ include, exclude });
  const patterns = { ...(include.length > 0 && { include }), ...(exclude.length > 0 && { exclude }) };
  const places = await Promise.all(paths.map((path) => openRoot(path, areReal)));
  return places.map(({ path, stat }) =>
    stat.isDirectory() ? { path, stat, kind: 'folder', ...patterns } : { path, stat, kind: 'file' },
  );
}

function patternsOf({ include, exclude }: TrackedPath): string {
  const only = include && `only files that match ${include.join(', ')}`;
  const without = exclude && `nothing that matches ${exclude.join(', ')}`;
  return [only, without].filter((part) => part !== undefined).join(' and ');
}

/**
 * From now on the paths are reread whenever the library is brought up to date. A folder requested without patterns
 * keeps its earlier ones, and a note says so.
 */
export async function trackPaths(
  requested: readonly OpenTrackedPath[],
  catalog: Catalog,
  call: Call,
): Promise<{ readonly places: readonly OpenTrackedPath[]; readonly notes: readonly string[] }> {
  const tracked = new Map((await catalog.trackedPaths(call)).map((place) => [place.path, place]));
  const notes: string[] = [];
  const places = requested.map((place): OpenTrackedPath => {
    const before = tracked.get(place.path);
    if (!before || place.kind !== 'folder' || place.include || place.exclude) return place;
    const patterns = patternsOf(before);
    if (patterns !== '') notes.push(`Read as before: ${patterns}. To read everything, include "*".`);
    return { ...before, stat: place.stat };
  });
  const changed = places
    .map(({ stat: _, ...place }): TrackedPath => place)
    .filter((place) => JSON.stringify(tracked.get(place.path)) !== JSON.stringify(place));
  if (changed.length > 0) await catalog.trackPaths(changed, call);
  return { places, notes };
}

/** Whether a path lies below a folder. */
export function isWithin(path: string, { path: folder }: TrackedPath): boolean {
  const rest = below(folder, path);
  return rest !== undefined && rest !== '';
}

/** The path as it is now; `gone` when its folder no longer has it, `unknown` when that cannot be determined. */
async function openTracked(place: TrackedPath): Promise<OpenTrackedPath | 'gone' | 'unknown'> {
  const { path, kind } = place;
  try {
    // If it is a link now, it is not what was requested.
    if ((await realpath(path)) !== path) return 'gone';
    const found = await lstat(path, { bigint: true });
    return found.isDirectory() === (kind === 'folder') ? { ...place, stat: found } : 'gone';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') return 'unknown';
    const folder = await realpath(dirname(path)).catch(() => undefined);
    return folder === dirname(path) ? 'gone' : 'unknown';
  }
}

/**
 * The paths that exist, and those whose state is unknown. The document of a missing file is removed; a missing folder
 * keeps its documents. Both stay tracked: they may come back.
 */
export async function presentPaths(
  places: readonly TrackedPath[],
  catalog: Catalog,
  call: Call,
): Promise<{
  readonly present: readonly OpenTrackedPath[];
  readonly unknown: readonly string[];
  readonly removed: number;
  /** Notes on missing folders. */
  readonly notes: readonly string[];
}> {
  const present: OpenTrackedPath[] = [];
  const unknown: string[] = [];
  const missingFiles: TrackedPath[] = [];
  const missingFolders: TrackedPath[] = [];
  for (const place of places) {
    const found = await openTracked(place);
    if (found === 'unknown') unknown.push(place.path);
    else if (found !== 'gone') present.push(found);
    else if (place.kind === 'file') missingFiles.push(place);
    else missingFolders.push(place);
  }
  if (missingFiles.length + missingFolders.length === 0) return { present, unknown, removed: 0, notes: [] };
  const sources = await catalog.sources(call);
  const idsOf = (tracked: readonly TrackedPath[]): string[] =>
    tracked.flatMap(({ path }) => {
      const location = locate(sources, path);
      return location ? [idOf(location.source, location.path)] : [];
    });
  const removed = missingFiles.length > 0 ? await catalog.remove(idsOf(missingFiles), call) : [];
  const notes = idsOf(missingFolders).map((id) => {
    const prefix = id.endsWith('/') ? id : `${id}/`;
    return `The folder "${prefix}" is missing; its documents were kept. \`hydrogen remove ${prefix}\` removes them.`;
  });
  return { present, unknown, removed: removed.length, notes };
}

/** Whether a removed document will be read again from a tracked folder. */
export async function comesBack(id: string, catalog: Catalog, call: Call): Promise<boolean> {
  const source = (await catalog.sources(call)).find(({ name }) => id.startsWith(`${name}/`));
  if (!source) return false;
  const file = pathOf(source, id.slice(source.name.length + 1));
  const folders = (await catalog.trackedPaths(call)).filter(({ kind }) => kind === 'folder');
  return existsSync(file) && folders.some((folder) => isWithin(file, folder));
}
