import type { BigIntStats } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Call } from '../../../call.ts';
import { below } from '../../../policy/path-text.ts';
import { asKnown, isSamePlace } from '../../../policy/same-place.ts';
import type { Absence, Catalog, TrackedPath, TrackedState } from '../../../stores/index/types.ts';
import { absenceNote } from '../../absence-text.ts';
import type { IngestOptions } from '../../types.ts';
import { pathFilter } from './file-selection.ts';
import { lookAt, type Sight } from './looks.ts';
import { identityOf } from './mounts.ts';
import { absence, prefixOf, recordStates } from './presence.ts';
import { folders, idOf, locate, openRoot, pathOf } from './roots.ts';

/** How long is waited for a path that is to be read, ms: a disk that sleeps needs some time. */
const wakeMs = 10_000;

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
  const roots = folders(await catalog.sources(call)).map(({ root }) => root);
  const known = [...tracked.keys(), ...roots];
  const named = await Promise.all(
    requested.map(async (place) => ({ ...place, path: await asKnown(place.path, known) })),
  );
  const notes: string[] = [];
  const places = named.map((place): OpenTrackedPath => {
    const before = tracked.get(place.path);
    const seen = before?.seen && { seen: before.seen };
    if (!before || place.kind !== 'folder' || place.include || place.exclude) return { ...place, ...seen };
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
export function isWithin(path: string, { path: folder }: Pick<TrackedPath, 'path'>): boolean {
  const rest = below(folder, path);
  return rest !== undefined && rest !== '';
}

/** The tracked paths at and below those that were named. */
export async function trackedAt(
  named: readonly string[],
  tracked: readonly TrackedPath[],
): Promise<readonly TrackedPath[]> {
  const paths = await Promise.all(
    named.map(async (path) => {
      const found = await lookAt(resolve(path), wakeMs);
      return (typeof found === 'object' && found.real) || resolve(path);
    }),
  );
  return tracked.filter((place) =>
    paths.some((path) => place.path === path || isWithin(place.path, { path })),
  );
}

type Found = OpenTrackedPath | 'gone' | 'unknown' | Absence['why'];

/** What of an absence a look at the folder tells. */
const shownByLook: readonly Absence['why'][] = ['missing', 'linked', 'file', 'unreadable'];

/** A file that is gone from the folder it was in; from another folder in its place it is only missing. */
async function lost(
  { path, kind, seen }: TrackedPath,
  { stat, real, isLink }: Sight,
  waitMs?: number,
): Promise<Found> {
  if (kind === 'folder') {
    if (!stat) return isLink ? 'linked' : 'missing';
    return real !== undefined && (await isSamePlace(real, path)) ? 'file' : 'linked';
  }
  const folder = dirname(path);
  const found = await lookAt(folder, waitMs);
  if (typeof found === 'string' || found.real === undefined || !found.stat) return 'unknown';
  if (!(await isSamePlace(found.real, folder))) return 'unknown';
  return seen?.identity === undefined || identityOf(found.stat) === seen.identity ? 'gone' : 'missing';
}

/** The path as it is now; `gone` when its folder no longer has it, `unknown` when that cannot be determined. */
async function openTracked(place: TrackedPath, waitMs?: number): Promise<Found> {
  const { path, kind } = place;
  const found = await lookAt(path, waitMs);
  if (found === 'unlooked') return 'unknown';
  if (found === 'late') return kind === 'folder' ? 'unreadable' : 'unknown';
  const { stat, real, code } = found;
  if (code === undefined || code === 'ENOENT' || code === 'ENOTDIR') {
    // If it is a link now, it is not what was requested.
    const isKind = stat?.isDirectory() === (kind === 'folder');
    const isSame = stat && isKind && real !== undefined && (await isSamePlace(real, path));
    return isSame ? { ...place, stat } : lost(place, found, waitMs);
  }
  return kind === 'folder' ? 'unreadable' : 'unknown';
}

async function documentsBelow(prefix: string, catalog: Catalog, call: Call): Promise<number> {
  return (await catalog.list({ within: prefix, limit: 1 }, call)).total;
}

/**
 * The paths that exist, and those whose state is unknown. The document of a missing file is removed; a missing folder
 * keeps its documents, which is recorded. Both stay tracked: they may come back.
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
  const gone: string[] = [];
  const states = new Map<string, TrackedState>();
  const notes: string[] = [];
  const sources = await catalog.sources(call);
  for (const place of places) {
    const { path, kind, seen } = place;
    const found = await openTracked(place, wakeMs);
    if (typeof found === 'object') {
      present.push(found);
      continue;
    }
    if (found === 'gone') {
      const location = locate(sources, path);
      if (location) gone.push(idOf(location.source, location.path));
      continue;
    }
    unknown.push(path);
    if (found === 'unknown') continue;
    const prefix = kind === 'folder' ? prefixOf(path, sources) : prefixOf(path, sources).slice(0, -1);
    const documents = await documentsBelow(prefix, catalog, call);
    if (documents === 0) continue;
    const absent = absence({ why: found, prefix, documents }, seen);
    states.set(path, { ...seen, absences: [absent] });
    notes.push(absenceNote(absent));
  }
  await recordStates(states, places, catalog, call);
  const removed = gone.length > 0 ? await catalog.remove(gone, call) : [];
  return { present, unknown, removed: removed.length, notes };
}

/** The recorded absences, and the folders that are not there now or cannot be looked at. */
export async function absencesOf(
  places: readonly TrackedPath[],
  catalog: Catalog,
  call: Call,
): Promise<readonly Absence[]> {
  const sources = await catalog.sources(call);
  const found = places.map(async (place): Promise<readonly Absence[]> => {
    const { absences = [] } = place.seen ?? {};
    if (place.kind === 'file') return absences;
    const now = await openTracked(place);
    if (typeof now === 'object') return absences.filter(({ why }) => !shownByLook.includes(why));
    if (absences.length > 0 || now === 'gone' || now === 'unknown') return absences;
    const prefix = prefixOf(place.path, sources);
    const documents = await documentsBelow(prefix, catalog, call);
    return documents === 0 ? [] : [{ why: now, prefix, documents }];
  });
  return (await Promise.all(found)).flat();
}

/** Whether a removed document will be read again from a tracked folder. */
export async function comesBack(id: string, catalog: Catalog, call: Call): Promise<boolean> {
  const source = (await catalog.sources(call)).find(({ name }) => id.startsWith(`${name}/`));
  if (!source) return false;
  const file = pathOf(source, id.slice(source.name.length + 1));
  const folders = (await catalog.trackedPaths(call)).filter(({ kind }) => kind === 'folder');
  if (!folders.some((folder) => isWithin(file, folder))) return false;
  const found = await lookAt(file);
  return typeof found === 'object' && found.stat !== undefined;
}
