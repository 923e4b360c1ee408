import type { Call } from '../../../call.ts';
import type { OwnFiles } from '../../../policy/own-files.ts';
import { below } from '../../../policy/path-text.ts';
import type { Catalog, Source, TrackedPath, TrackedState } from '../../../stores/index/types.ts';
import { absenceNote } from '../../absence-text.ts';
import type { Parser } from '../../reading/parser.ts';
import type { IngestReport } from '../../types.ts';
import type { IngestProgress } from '../ingest-progress.ts';
import type { FileSelection } from './file-selection.ts';
import { listedMounts } from './mounts.ts';
import { partitionOwn, removeOwn } from './own-documents.ts';
import { type KnownFile, presenceOf, recordStates } from './presence.ts';
import { readFiles } from './read-files.ts';
import { remarkNotes } from './remark-notes.ts';
import { folders, type IngestRoot, locate, pathOf, sourcesFor } from './roots.ts';
import { type FileCandidate, survey } from './survey.ts';
import { isWithin, type OpenTrackedPath, presentPaths } from './tracked-paths.ts';

/** The result for the files, before their vectors are made. */
export type FilesReport = Omit<IngestReport, 'embedded' | 'pending'>;

/** The indexed files of all sources that overlap with the paths, by id. */
async function registered(
  sources: readonly Source[],
  places: readonly IngestRoot[],
  catalog: Catalog,
  call: Call,
): Promise<Map<string, KnownFile>> {
  const records = new Map<string, KnownFile>();
  for (const source of folders(sources)) {
    const { name, root } = source;
    if (!places.some(({ path }) => below(root, path) !== undefined || below(path, root) !== undefined))
      continue;
    for (const record of await catalog.files(name, call)) {
      records.set(record.id, { ...record, file: pathOf(source, record.path) });
    }
  }
  return records;
}

/** Ids of documents below the folders whose files no longer exist. */
function vanished(
  known: Iterable<KnownFile>,
  places: readonly IngestRoot[],
  files: ReadonlyMap<string, FileCandidate>,
  unreadable: readonly string[],
): string[] {
  const folders = places.filter(({ stat }) => stat.isDirectory());
  const missing: string[] = [];
  for (const { id, file } of known) {
    const wasLookedFor = folders.some(({ path }) => below(path, file) !== undefined);
    const isUnknown = unreadable.some((path) => below(path, file) !== undefined);
    if (wasLookedFor && !isUnknown && !files.has(id)) missing.push(id);
  }
  return missing;
}

/** The tracked paths inside the requested folders, which are read with their own patterns. */
function placesWithin(requested: readonly OpenTrackedPath[], all: readonly TrackedPath[]): TrackedPath[] {
  const folders = requested.filter(({ kind }) => kind === 'folder');
  const paths = new Set(requested.map(({ path }) => path));
  return all.filter(
    (place) => !paths.has(place.path) && folders.some((folder) => isWithin(place.path, folder)),
  );
}

/** The indexed files that are read with this folder, and not with another tracked one inside it. */
function readWith(
  { path }: OpenTrackedPath,
  known: Iterable<KnownFile>,
  all: readonly TrackedPath[],
): KnownFile[] {
  const inner = all.filter((place) => place.kind === 'folder' && isWithin(place.path, { path }));
  return [...known].filter(
    ({ file }) => below(path, file) !== undefined && !inner.some((place) => isWithin(file, place)),
  );
}

function nothingMatches({ path, include = [] }: OpenTrackedPath, sources: readonly Source[]): string {
  const name = locate(sources, path)?.source.name ?? '';
  return `No file in a folder of "${name}/" matches ${include.join(', ')}.`;
}

/** Most empty files that are named. */
const maxEmpty = 5;

function emptyNotes(empty: readonly string[]): string[] {
  if (empty.length === 0) return [];
  const which =
    empty.length === 1 ? '1 file is empty' : `${empty.length.toLocaleString('en')} files are empty`;
  const more = empty.length > maxEmpty ? ` and ${(empty.length - maxEmpty).toLocaleString('en')} more` : '';
  return [`${which}: ${empty.slice(0, maxEmpty).join(', ')}${more}.`];
}

/**
 * Reads files and folders into the index, and removes documents whose files are gone from the folders; not those of a
 * folder that holds none of its files (`presence.ts`), unless it is one of `prune`.
 * @param defaults patterns for folders that have none of their own
 * @throws HydrogenError `not_found` for a missing path, before anything is read
 */
export async function ingestFiles(
  requested: readonly OpenTrackedPath[],
  parts: {
    readonly catalog: Catalog;
    readonly parser: Parser;
    readonly maxFileBytes: number;
    readonly progress: IngestProgress;
    readonly own: OwnFiles;
  },
  { prune, ...defaults }: FileSelection & { readonly prune: boolean },
  call: Call,
): Promise<FilesReport> {
  const { catalog, own } = parts;
  const all = await catalog.trackedPaths(call);
  const separateFolders = new Set(all.map(({ path }) => path));
  const inside = await presentPaths(placesWithin(requested, all), catalog, call);
  const { refused, allowed: places, skipped } = await partitionOwn([...requested, ...inside.present], own);
  let sources = await catalog.sources(call);
  for (const place of places) sources = await sourcesFor(place, sources, catalog, call);
  const ownRemoved = await removeOwn(own, refused, catalog, call);
  const known = await registered(sources, places, catalog, call);
  const files = new Map<string, FileCandidate>();
  const notes: string[] = [...inside.notes];
  const unreadable: string[] = [...inside.unknown];
  const states = new Map<string, TrackedState>();
  const listed = await listedMounts();
  for (const place of places) {
    const { include = defaults.include, exclude = defaults.exclude } = place;
    const found = await survey(place, sources, { include, exclude, separateFolders, own }, call);
    if (found.files.length === 0 && place.include) notes.push(nothingMatches(place, sources));
    skipped.push(...found.skipped);
    unreadable.push(...found.unreadable);
    const before = readWith(place, known.values(), all);
    const seen = prune ? { ...place, seen: {} } : place;
    const { kept, state, ...present } = await presenceOf(seen, found, prune ? [] : before, {
      sources,
      listed,
    });
    for (const file of present.files) files.set(file.id, file);
    unreadable.push(...kept);
    states.set(place.path, state);
    notes.push(...(state.absences ?? []).map(absenceNote));
  }
  await recordStates(states, places, catalog, call);
  const { obsolete, empty, remarks, ...read } = await readFiles([...files.values()], known, parts, call);
  const removable = new Set([
    ...obsolete,
    ...vanished(known.values(), places, files, [...unreadable, ...read.unreadable]),
  ]);
  const removed = removable.size > 0 ? await catalog.remove([...removable], call) : [];
  const { added, changed, unchanged, chunks } = read;
  // What is skipped under one path may be requested by another; report each path once.
  const skippedOnce = new Map(
    skipped.filter(({ path }) => !files.has(path)).map((item) => [item.path, item]),
  );
  return {
    added,
    changed,
    unchanged,
    removed: removed.length + inside.removed + ownRemoved,
    chunks,
    skipped: [...skippedOnce.values(), ...read.skipped],
    notes: [...notes, ...emptyNotes(empty), ...remarkNotes(remarks)],
  };
}
