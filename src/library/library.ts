import type { Call } from '../call.ts';
import type { Embedder } from '../embeddings/types.ts';
import { badInput, HydrogenError } from '../errors.ts';
import type { Logger } from '../observability/log.ts';
import { createEmbeddedIndex } from '../stores/index/embedded/search-index.ts';
import type { DocumentRow, SearchIndex } from '../stores/index/types.ts';
import type { StoreFile } from '../stores/sqlite/store-file.ts';
import { type Backlog, createBacklog } from './backlog.ts';
import { ingestFiles } from './ingest.ts';
import { addInline } from './inline.ts';
import { createLimit } from './limit.ts';
import { mismatchOf, outdated } from './mismatch.ts';
import { search } from './search.ts';
import type { DocumentEntry, IngestOptions, IngestReport, Library } from './types.ts';

export interface LibraryOptions {
  readonly storeFile: StoreFile;
  readonly embedder: Embedder;
  readonly log: Logger;
  /** Larger files are skipped. */
  readonly maxFileBytes?: number;
}

/** Calls that read documents at a time: each has a thread that parses. */
const readers = 2;
const defaultMaxFileBytes = 10_000_000;

function entryOf({ indexedAt, ...row }: DocumentRow): DocumentEntry {
  return { ...row, indexedAt: new Date(indexedAt).toISOString() };
}

async function notFound(id: string, index: SearchIndex, call: Call): Promise<HydrogenError> {
  const near = await index.near(id, call);
  const names = near.map((one) => `"${one}"`).join(', ');
  const hint = near.length > 0 ? `Did you mean ${names}?` : 'list_documents shows the ids.';
  return new HydrogenError('not_found', `There is no document "${id}". ${hint}`, { near });
}

function megabytes(loaded: number, total: number | undefined): string {
  const part = (loaded / 1e6).toFixed(1);
  return total === undefined ? part : `${part} of ${(total / 1e6).toFixed(1)}`;
}

/** Reads files, then makes vectors; progress counts on from files to passages. */
async function ingest(
  paths: readonly string[],
  { reembed = false }: IngestOptions,
  {
    index,
    embedder,
    backlog,
    maxFileBytes,
  }: { index: SearchIndex; embedder: Embedder; backlog: Backlog; maxFileBytes: number },
  call: Call,
): Promise<IngestReport> {
  // Vectors are only forgotten when there is a model to make new ones.
  if (reembed) await embedder.ready(call);
  let files = 0;
  const counting: Call = {
    ...call,
    progress(progress) {
      files = progress.total ?? files;
      call.progress(progress);
    },
  };
  const report = await ingestFiles(paths, { index, maxFileBytes }, counting);
  if (reembed) await index.clearVectors(call);
  const { note, ...vectors } = await backlog.drain(call, {
    passages: (done, total) =>
      call.progress({
        done: files + done,
        total: files + total,
        message: `embedding, ${done} of ${total} passages`,
      }),
    download: (loaded, total) =>
      call.progress({ done: files, message: `downloading the model, ${megabytes(loaded, total)} MB` }),
  });
  return { ...report, ...vectors, notes: note === undefined ? [] : [note] };
}

/** The library on the embedded index. Nothing is opened or loaded before it is needed. */
export function createLibrary(options: LibraryOptions): Library {
  const { storeFile, embedder, log, maxFileBytes = defaultMaxFileBytes } = options;
  const index = createEmbeddedIndex(storeFile);
  const backlog = createBacklog(index, embedder, log);
  const reading = createLimit(readers);
  /** Whether this process finishes what another one has left. */
  let inBackground = false;
  const resume = (): void => {
    inBackground = true;
    backlog.start();
  };

  return {
    async search(request, call) {
      const answer = await search(request, { index, embedder }, call);
      if (inBackground && answer.embedded < answer.chunks) backlog.start();
      return answer;
    },
    ingest: (paths, call, ingestOptions = {}) =>
      reading(() => ingest(paths, ingestOptions, { index, embedder, backlog, maxFileBytes }, call)),
    async add(document, call) {
      const row = await reading(() => addInline(document, index, call));
      backlog.start();
      return entryOf(row);
    },
    async remove(id, call) {
      const [row] = await index.remove([id], call);
      if (!row) throw await notFound(id, index, call);
      return entryOf(row);
    },
    async list({ limit, ...request }, call) {
      const { documents, total } = await index.list({ ...request, limit: limit + 1 }, call);
      return { documents: documents.slice(0, limit).map(entryOf), total, more: documents.length > limit };
    },
    async get(id, { from, maxBytes }, call) {
      const found = await index.read(id, from, maxBytes, call);
      if (!found) throw await notFound(id, index, call);
      const { row, text, to, total } = found;
      if (from > Math.max(1, total))
        throw badInput(`"${id}" has ${total} lines; line ${from} is beyond its end.`);
      return { entry: entryOf(row), text, from, to, total };
    },
    async status(call) {
      const { documents, chunks, embedded, space, formats } = await index.stats(call);
      const { state, detail } = embedder.status();
      const mismatch = mismatchOf(space, embedder.space()) ?? outdated(formats);
      return {
        documents,
        chunks,
        embedded,
        model: { name: embedder.name, state, ...(detail !== undefined && { detail }) },
        ...(mismatch !== undefined && { mismatch }),
      };
    },
    resume,
    warm() {
      embedder.warm();
      resume();
    },
    async close() {
      await backlog.close();
      await embedder.close();
    },
  };
}
