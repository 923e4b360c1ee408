import type { Call } from '../call.ts';
import type { Embedder } from '../embeddings/types.ts';
import { HydrogenError } from '../errors.ts';
import type { Logger } from '../observability/log.ts';
import { locateOwnFiles, type OwnPaths } from '../policy/own-files.ts';
import { similarNames } from '../similar-names.ts';
import type { Tongue } from '../stores/index/languages.ts';
import type { LibraryPorts, TrackedPath } from '../stores/index/types.ts';
import {
  type ForeignCollection,
  foreignOf,
  listPoints,
  readPoint,
  refuseChange,
  similarPoints,
  summariesOf,
} from './foreign.ts';
import { addInline } from './inline.ts';
import { mismatchOf, outdated } from './mismatch.ts';
import { entryOf, notFound, readDocument, withoutVectors } from './read-document.ts';
import { createLimit } from './reading/limit.ts';
import { defaultMaxNumericRows } from './reading/numeric-tables.ts';
import { createParser, type Parser } from './reading/parser.ts';
import { withReadingSettings } from './reading-settings.ts';
import { selectionOf } from './searching/query.ts';
import { search } from './searching/search.ts';
import type { CollectionSource } from './sync/collections/collection-source.ts';
import type { FileSelection } from './sync/files/file-selection.ts';
import { ingestFiles } from './sync/files/ingest.ts';
import { partitionOwn, removeOwn } from './sync/files/own-documents.ts';
import { locate } from './sync/files/roots.ts';
import {
  absencesOf,
  comesBack,
  type OpenTrackedPath,
  presentPaths,
  trackedAt,
  trackedPathsOf,
  trackPaths,
} from './sync/files/tracked-paths.ts';
import { usualWay, type WatchWay } from './sync/files/watchers.ts';
import { createIngestProgress } from './sync/ingest-progress.ts';
import { readAgain, readUnfinished } from './sync/read-again.ts';
import { createSync } from './sync/sync.ts';
import { type Backlog, createBacklog } from './sync/vectors/backlog.ts';
import { rebuildVectors, removeRetiredVectors } from './sync/vectors/rebuild.ts';
import type { IngestOptions, Library, ModelStatus, ReindexReport, ResumeOptions } from './types.ts';

function modelStatus(embedder: Embedder): ModelStatus {
  const { state, detail, advice } = embedder.status();
  return {
    name: embedder.name,
    state,
    ...(detail !== undefined && { detail }),
    ...(advice !== undefined && { advice }),
  };
}

export interface LibraryOptions extends LibraryPorts {
  readonly embedder: Embedder;
  /** Collections that others fill, searched with the library. */
  readonly foreign?: readonly ForeignCollection[];
  readonly log: Logger;
  readonly files?: FileSettings;
  /** Paths that are never read. */
  readonly own: OwnPaths;
  readonly collections?: readonly CollectionSource[];
  /** Interval between scans of a collection that cannot be followed, ms. */
  readonly scanEveryMs?: number;
  /** The only languages of the documents; all unless given. */
  readonly languages?: readonly Tongue[];
  /** How folders are watched; by default as the system does it best. */
  readonly watchWay?: WatchWay;
}

/** How files are read; every setting has a default. */
export interface FileSettings {
  /** Larger files are skipped. */
  readonly maxFileBytes?: number;
  /** Files that take longer to read are skipped, ms. */
  readonly parseTimeoutMs?: number;
  /** Files that need more memory are skipped, MB. */
  readonly parseMemoryMb?: number;
  /** Rows of numbers beyond which a table is summed up; 0 for no limit. */
  readonly maxNumericRows?: number;
  /** Default patterns for folders, where an ingest has none of its own. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

/** Concurrent calls that read documents; one process parses for all. */
const maxReaders = 2;
const defaultMaxFileBytes = 50_000_000;
const defaultScanEveryMs = 300_000;

function megabytes(loaded: number, total: number | undefined): string {
  const part = (loaded / 1e6).toFixed(1);
  return total === undefined ? part : `${part} of ${(total / 1e6).toFixed(1)}`;
}

interface Parts extends Omit<LibraryPorts, 'positions'> {
  readonly embedder: Embedder;
  readonly backlog: Backlog;
  readonly parser: Parser;
  readonly maxFileBytes: number;
  readonly selection: FileSelection;
  readonly own: OwnPaths;
}

/** Reads files, then makes vectors, with one progress for both. */
async function ingest(
  places: readonly OpenTrackedPath[],
  { reembed = false, prune = false }: Pick<IngestOptions, 'reembed' | 'prune'>,
  parts: Parts,
  call: Call,
): Promise<ReindexReport> {
  const { catalog, backfill, backlog, embedder, parser, maxFileBytes, selection } = parts;
  const isEmbedding = embedder.status().state !== 'off';
  const waiting = isEmbedding ? (await backfill.pending(1, call)).total : undefined;
  const progress = createIngestProgress(call.progress, waiting);
  const own = await locateOwnFiles(parts.own);
  const how = { ...selection, prune };
  const report = await ingestFiles(places, { catalog, parser, maxFileBytes, progress, own }, how, call);
  // What it counts is told by `progress`; what it waits for has no count, and must not set the share to 0.
  const waits: Call = { ...call, progress: ({ message = '' }) => progress.waiting(message) };
  const rebuilt = reembed ? await rebuildVectors(parts, progress.embedded, waits) : 0;
  const { note, embedded, pending } = await backlog.drain(call, {
    passages: progress.embedded,
    download: (loaded, total) => progress.waiting(`downloading the model, ${megabytes(loaded, total)} MB`),
  });
  await removeRetiredVectors(backfill, call);
  return {
    ...report,
    embedded: embedded + rebuilt,
    pending,
    rebuilt,
    notes: note === undefined ? report.notes : [...report.notes, note],
  };
}

/** Opens and loads nothing until it is needed. */
export function createLibrary(options: LibraryOptions): Library {
  const { retriever, backfill, lease, positions, embedder, log, files = {}, own } = options;
  const { languages = [] } = options;
  const { maxNumericRows = defaultMaxNumericRows } = options.files ?? {};
  const catalog = withReadingSettings({ languages, maxNumericRows }, options.catalog);
  const { foreign = [] } = options;
  const { maxFileBytes = defaultMaxFileBytes, include = [], exclude = [] } = files;
  const backlog = createBacklog({ retriever, backfill, lease, embedder, log });
  const parser = createParser(files);
  const parts: Parts = {
    ...{ catalog, retriever, backfill, lease, embedder, backlog, parser, maxFileBytes, own },
    selection: { include, exclude },
  };
  const reading = createLimit(maxReaders);
  /** Whether this process finishes work left over by another. */
  let inBackground = false;
  /** Rereads tracked paths. */
  const readTracked = async (places: readonly TrackedPath[], call: Call): Promise<ReindexReport> => {
    const { present, removed, notes } = await presentPaths(places, catalog, call);
    const report = await ingest(present, {}, parts, call);
    return { ...report, removed: report.removed + removed, notes: [...notes, ...report.notes] };
  };
  const sync = createSync({
    catalog,
    parser,
    positions,
    collections: options.collections ?? [],
    scanEveryMs: options.scanEveryMs ?? defaultScanEveryMs,
    watchWay: options.watchWay ?? usualWay,
    ingest: (path, call) =>
      reading(async () => {
        // It may have been removed meanwhile, or have other patterns.
        const tracked = (await catalog.trackedPaths(call)).filter((place) => place.path === path);
        return readTracked(tracked, call);
      }),
    async tidy(call) {
      await removeOwn(await locateOwnFiles(own), [], catalog, call);
    },
    repair: (call) =>
      reading(async () => {
        const paths = await readUnfinished(parts, call);
        if (paths.length > 0) await ingest(await trackedPathsOf(paths, { areReal: true }), {}, parts, call);
      }),
    embed: () => backlog.start(),
    log,
  });
  const resume = (following: ResumeOptions = {}): void => {
    inBackground = true;
    backlog.start();
    sync.start(following);
  };

  return {
    async search(request, call) {
      const answer = await search(request, { catalog, retriever, embedder, foreign }, call);
      const { chunks, embedded, unknown = 0 } = answer;
      if (inBackground && embedded + unknown < chunks) backlog.start();
      return answer;
    },
    ingest: (paths, call, { reembed = false, prune = false, ...patterns } = {}) =>
      reading(async () => {
        // Fail on a missing model before anything is read.
        if (reembed) await embedder.ready(call);
        const requested = await trackedPathsOf(paths, patterns);
        // A path that is refused now must not be tracked either.
        const { refused, allowed } = await partitionOwn(requested, await locateOwnFiles(own));
        const { places, notes } = await trackPaths(allowed, catalog, call);
        const report = await ingest([...places, ...refused], { reembed, prune }, parts, call);
        return { ...report, notes: [...notes, ...report.notes] };
      }),
    refresh: (call) =>
      reading(async () => {
        const records = await sync.refresh(call);
        const report = await readTracked(await catalog.trackedPaths(call), call);
        return {
          ...report,
          added: report.added + records.added,
          changed: report.changed + records.changed,
          unchanged: report.unchanged + records.unchanged,
          removed: report.removed + records.removed,
          chunks: report.chunks + records.chunks,
        };
      }),
    async add(document, call) {
      const row = await reading(() => addInline(document, { catalog, parser }, call));
      backlog.start();
      return entryOf(row);
    },
    async remove(id, call) {
      const row = await catalog.forget(id, call);
      const passages = foreignOf(foreign, id);
      if (!row && passages) refuseChange(passages);
      if (!row) throw await notFound(id, catalog, call);
      return { ...entryOf(row), comesBack: await comesBack(id, catalog, call) };
    },
    async list({ limit, ...request }, call) {
      const passages = foreignOf(foreign, request.within ?? '');
      if (passages) return listPoints({ limit, ...request }, passages, call);
      const { documents, total } = await catalog.list({ ...request, limit: limit + 1 }, call);
      return { documents: documents.slice(0, limit).map(entryOf), total, more: documents.length > limit };
    },
    get(id, request, call) {
      const passages = foreignOf(foreign, id);
      return passages ? readPoint(id, request, passages, call) : readDocument(id, request, catalog, call);
    },
    async similar(id, { limit, ...request }, call) {
      const passages = foreignOf(foreign, id);
      if (passages) return similarPoints(id, limit, passages, call);
      const found = await retriever.similar(id, selectionOf(request), limit, call);
      if (!found) throw await withoutVectors(id, catalog, call);
      const fetched = await retriever.fetch(
        found.map(({ chunk }) => chunk),
        call,
      );
      const byChunk = new Map(fetched.map((passage) => [passage.chunk, passage]));
      return found.flatMap(({ chunk, document, title, cosine }) => {
        const passage = byChunk.get(chunk);
        // Below 0 it is less similar than the average passage.
        if (!passage || cosine <= 0) return [];
        const { heading, lines, place } = passage;
        return [
          { document, title, similarity: cosine, heading, lines, ...(place !== undefined && { place }) },
        ];
      });
    },
    async sources(call) {
      const [summaries, vectors] = await Promise.all([
        catalog.summaries(call),
        retriever.vectorsBySource(call),
      ]);
      return summaries.map((source) => ({ ...source, embedded: vectors.get(source.name) ?? 0 }));
    },
    async remarked(limit, call) {
      const { documents, total } = await catalog.remarked(limit, call);
      return { documents: documents.map(entryOf), total };
    },
    elsewhere: (call) => summariesOf(foreign, call),
    async places(call) {
      const [tracked, sources] = await Promise.all([catalog.trackedPaths(call), catalog.sources(call)]);
      return tracked.map((place) => {
        const source = locate(sources, place.path)?.source.name;
        return { ...place, ...(source !== undefined && { source }) };
      });
    },
    async absences(call, paths) {
      const tracked = await catalog.trackedPaths(call);
      return absencesOf(paths ? await trackedAt(paths, tracked) : tracked, catalog, call);
    },
    async removeSource(name, call) {
      const removed = await catalog.removeSource(name, call);
      if (removed !== undefined) return removed;
      const passages = foreignOf(foreign, `${name}/`);
      if (passages) refuseChange(passages);
      const names = (await catalog.summaries(call)).map((source) => source.name);
      const suggestions = similarNames(name, names);
      const offered = (suggestions.length > 0 ? suggestions : names)
        .map((source) => `"${source}"`)
        .join(', ');
      const hint = names.length === 0 ? 'The library is empty.' : `Sources: ${offered}.`;
      throw new HydrogenError('not_found', `There is no source "${name}". ${hint}`, { suggestions });
    },
    reindex: (call) =>
      reading(async () => {
        await embedder.ready(call);
        const { paths, notes } = await readAgain(parts, call);
        const report = await ingest(
          await trackedPathsOf(paths, { areReal: true }),
          { reembed: true },
          parts,
          call,
        );
        return { ...report, notes: [...notes, ...report.notes] };
      }),
    model: () => modelStatus(embedder),
    async status(call) {
      const [{ documents, chunks, embedded, unknown = 0, space }, formats] = await Promise.all([
        retriever.stats(call),
        catalog.formats(call),
      ]);
      const mismatch = mismatchOf(space, embedder.space()) ?? outdated(formats);
      return {
        documents,
        chunks,
        embedded,
        unknown,
        model: modelStatus(embedder),
        ...(mismatch !== undefined && { mismatch }),
      };
    },
    resume,
    warm(options) {
      embedder.warm(options);
      resume();
    },
    async close() {
      await sync.close();
      await parser.close();
      await backlog.close();
      await embedder.close();
    },
  };
}
