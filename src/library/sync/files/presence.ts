import { dirname } from 'node:path';
import type { Call } from '../../../call.ts';
import { below } from '../../../policy/path-text.ts';
import type {
  Absence,
  Catalog,
  FileRecord,
  Source,
  TrackedPath,
  TrackedState,
} from '../../../stores/index/types.ts';
import { lookAt } from './looks.ts';
import { identityOf, isMounted, mountsBelow } from './mounts.ts';
import { type IngestRoot, idOf, locate } from './roots.ts';
import type { FileCandidate, Survey } from './survey.ts';

// A disk that is not mounted looks like a folder without files. So a tracked folder that holds none of the files it was
// read from keeps its documents, until the files are back or a person says that they are gone for good (`--prune`).

type Place = IngestRoot & TrackedPath;

export type KnownFile = FileRecord & { readonly file: string };

/** What of a survey may be acted on. */
export interface Presence {
  readonly files: readonly FileCandidate[];
  /** Absolute paths below which nothing is removed. */
  readonly kept: readonly string[];
  readonly state: TrackedState;
}

/** How the ids of the documents at and below a path begin. */
export function prefixOf(path: string, sources: readonly Source[]): string {
  const location = locate(sources, path);
  const id = location ? idOf(location.source, location.path) : '';
  return id.endsWith('/') ? id : `${id}/`;
}

/** The time at which an absence was first noticed stays. */
export function absence(
  found: Omit<Absence, 'since'>,
  { absences = [] }: TrackedState = {},
): Absence & { readonly since: string } {
  const before = absences.find(({ why, prefix }) => why === found.why && prefix === found.prefix);
  return { ...found, since: before?.since ?? new Date().toISOString() };
}

/** Whether any of the files is there. */
async function anyThere(known: readonly KnownFile[]): Promise<boolean | 'unknown'> {
  for (const { file } of known) {
    const found = await lookAt(file);
    if (typeof found === 'string') return 'unknown';
    if (found.real !== undefined) return true;
  }
  return false;
}

/** Why a folder is not taken for what it was: no file that was read from it is there any more. */
async function whyAbsent(
  { path, stat, seen }: Place,
  { files, unreadable }: Survey,
  known: readonly KnownFile[],
): Promise<Absence['why'] | undefined> {
  if (known.length === 0) return undefined;
  if (unreadable.includes(path)) return 'unreadable';
  const ids = new Set(files.map(({ id }) => id));
  if (known.some(({ id }) => ids.has(id))) return undefined;
  const there = await anyThere(known);
  if (there === 'unknown') return 'unreadable';
  if (there) return undefined;
  if (files.length === 0) return 'empty';
  const before = seen?.identity;
  return before !== undefined && before !== identityOf(stat) ? 'replaced' : undefined;
}

/** How a file was found: by the folder it is in. */
async function fileState(path: string): Promise<TrackedState> {
  const folder = await lookAt(dirname(path));
  return typeof folder === 'object' && folder.stat ? { identity: identityOf(folder.stat) } : {};
}

/**
 * Compares what a folder holds with what was read from it.
 * @param known the indexed files below it, without those of other tracked folders
 * @param listed mount points of the system
 */
export async function presenceOf(
  place: Place,
  found: Survey,
  known: readonly KnownFile[],
  { sources, listed }: { readonly sources: readonly Source[]; readonly listed: ReadonlySet<string> },
): Promise<Presence> {
  const { path, stat, seen } = place;
  if (!stat.isDirectory()) return { files: found.files, kept: [], state: await fileState(path) };
  const why = await whyAbsent(place, found, known);
  if (why !== undefined) {
    const absences = [absence({ why, prefix: prefixOf(path, sources), documents: known.length }, seen)];
    return { files: [], kept: [path], state: { ...seen, absences } };
  }
  const away: string[] = [];
  const absences: Absence[] = [];
  for (const mount of seen?.mounts ?? []) {
    const before = known.filter(({ file }) => below(mount, file) !== undefined);
    const there = await anyThere(before);
    if (before.length === 0 || there === true) continue;
    if (there === false && (await isMounted(mount, listed))) continue;
    away.push(mount);
    const why = there === 'unknown' ? 'unreadable' : 'unmounted';
    absences.push(absence({ why, prefix: prefixOf(mount, sources), documents: before.length }, seen));
  }
  const files = found.files.filter(({ file }) => away.every((mount) => below(mount, file) === undefined));
  const mounts = [...new Set([...away, ...(await mountsBelow(path, stat.dev, files, listed))])];
  return {
    files,
    kept: away,
    state: {
      identity: identityOf(stat),
      ...(mounts.length > 0 && { mounts }),
      ...(absences.length > 0 && { absences }),
    },
  };
}

/** Remembers how tracked paths were found, where that differs from what `places` say. */
export async function recordStates(
  states: ReadonlyMap<string, TrackedState>,
  places: readonly TrackedPath[],
  catalog: Catalog,
  call: Call,
): Promise<void> {
  const before = new Map(places.map(({ path, seen }) => [path, JSON.stringify(seen)]));
  const changed = [...states].filter(([path, seen]) => before.get(path) !== JSON.stringify(seen));
  if (changed.length > 0) await catalog.saveStates(new Map(changed), call);
}
