import { realpath, stat } from 'node:fs/promises';
import type { Call } from '../../../call.ts';
import { callCancelled, HydrogenError, reworded } from '../../../errors.ts';
import { decode } from '../../../mql/formats.ts';
import type { DocumentStore, InsertResult, Namespace } from '../document-store.ts';
import { assertNewNames } from '../names.ts';
import { type BatchOptions, type BatchWriter, createBatchWriter } from './batches.ts';
import {
  type ColumnReport,
  type DocumentReader,
  maxDocumentBytes,
  type OnRefused,
  placed,
} from './document-reader.ts';
import { openReader } from './formats.ts';
import { identifier } from './identify.ts';
import { createPlaces, type TableOptions } from './table.ts';
import { compareTypes } from './type-differences.ts';

export interface ImportOptions extends BatchOptions, TableOptions {
  /** The real path of the file; if absent, links are followed when it is opened. */
  readonly path?: string;
}

export interface ImportReport extends InsertResult {
  /** For a table. */
  readonly columns?: readonly ColumnReport[];
  /** Documents that were left out, since they have a value that none can have; a note has the first. */
  readonly refused?: number;
  /** What is worth knowing about how the file was read. */
  readonly notes: readonly string[];
}

function stopped(call: Call): void {
  if (!call.signal.aborted) return;
  throw callCancelled();
}

const countOf = ({ inserted, replaced, unchanged }: InsertResult): number => inserted + replaced + unchanged;

/** Reports bytes of the file with documents and their rate, batch by batch. */
function progressOf(size: number, { collection }: Namespace, call: Call) {
  const started = performance.now();
  let read = 0;
  const megabytes = (bytes: number): number => Math.round(bytes / 1e5) / 10;
  return {
    onBytes(count: number): void {
      read += count;
    },
    passes: 1,
    show(written: InsertResult): void {
      const documents = countOf(written);
      const rate = Math.round((1_000 * documents) / (performance.now() - started));
      call.progress({
        // A file of which the encoding had to be guessed is read once more.
        done: megabytes(Math.min(read, size * this.passes)),
        total: megabytes(size * this.passes),
        message: `MB of ${collection}: ${documents.toLocaleString('en')} documents, ${rate.toLocaleString('en')}/s`,
      });
    },
  };
}

/** Reads to the end, so that existing documents are only dropped for a file that can be read. */
async function check(reader: DocumentReader, call: Call): Promise<void> {
  for await (const { bson, at } of reader.read()) {
    stopped(call);
    try {
      decode(bson);
    } catch (error) {
      throw placed(reader.place(at), error);
    }
  }
}

/** How many documents a collection has; undefined where it is not there. */
async function countIn(
  store: DocumentStore,
  { database, collection }: Namespace,
  call: Call,
): Promise<number | undefined> {
  try {
    const found = await store.collections(database, call);
    return found.find(({ name }) => name === collection)?.documents;
  } catch (error) {
    if (error instanceof HydrogenError && error.code === 'not_found') return undefined;
    throw error;
  }
}

/** @throws HydrogenError `bad_input` for a name that no new collection can have: no document is to blame for it */
async function checkNames(store: DocumentStore, namespace: Namespace, call: Call): Promise<void> {
  try {
    assertNewNames(namespace);
  } catch (error) {
    if ((await countIn(store, namespace, call)) === undefined) throw error;
  }
}

/** Counts the documents that are left out, with the first few places. */
function createRefusals({ place }: DocumentReader) {
  const places = createPlaces();
  let [count, unit, first] = [0, '', ''];
  const add: OnRefused = ({ path, reason }, at) => {
    if (count++ === 0) {
      unit = place(at).split(' ')[0]?.toLowerCase() ?? '';
      first = `"${path}": ${reason.replace(/\.$/, '')}`;
    }
    places.add(at);
  };
  return {
    add,
    get count() {
      return count;
    },
    notes(): string[] {
      const such = count === 1 ? ' for' : ', the first for';
      return places
        .notes(unit, '1 document is refused', 'documents are refused')
        .map((note) => `${note}${such} ${first}`);
    },
  };
}

async function copy(
  reader: DocumentReader,
  writer: BatchWriter,
  onRefused: OnRefused,
  meet: (bson: Uint8Array) => void,
  show: (written: InsertResult) => void,
  call: Call,
): Promise<void> {
  const identify = identifier();
  for await (const { bson, at } of reader.read(onRefused)) {
    stopped(call);
    meet(bson);
    let identified: Uint8Array;
    try {
      identified = identify(bson);
    } catch (error) {
      throw placed(reader.place(at), error);
    }
    if (identified.length > maxDocumentBytes) {
      throw new HydrogenError('too_large', `${reader.place(at)} is larger than 16 MiB, MongoDB's limit.`);
    }
    const full = writer.add({ bson: identified, at });
    if (full === undefined) continue;
    await full;
    if (countOf(writer.written) > 0) show(writer.written);
  }
}

type Progress = ReturnType<typeof progressOf>;

/**
 * Writes the documents of a reader into a collection, as `importFile` does.
 * @throws HydrogenError with the place in the file, as `importFile`
 */
export async function importDocuments(
  store: DocumentStore,
  namespace: Namespace,
  reader: DocumentReader,
  options: BatchOptions,
  call: Call,
  progress: Progress = progressOf(0, namespace, call),
): Promise<ImportReport> {
  if (reader.checked) progress.passes++;
  await checkNames(store, namespace, call);
  const empties = options.drop && ((await countIn(store, namespace, call)) ?? 0) > 0;
  if (empties && !reader.checked) {
    progress.passes++;
    await check(reader, call);
  }
  const types = await compareTypes(store, namespace, options.drop, call);
  const writer = createBatchWriter(store, namespace, options, reader.place, call);
  const refusals = createRefusals(reader);
  try {
    await copy(reader, writer, refusals.add, types.meet, (written) => progress.show(written), call);
    await writer.end(empties || reader.keepsEmpty === true);
  } catch (error) {
    // Documents before the failure are stored; one of them may turn out to be the first that fails.
    const earlier = call.signal.aborted
      ? undefined
      : await writer.writePending().catch((cause: unknown) => cause);
    throw interrupted(earlier ?? error, writer.written);
  }
  progress.show(writer.written);
  return {
    ...writer.written,
    ...(reader.columns && { columns: reader.columns }),
    ...(refusals.count > 0 && { refused: refusals.count }),
    notes: [...refusals.notes(), ...(reader.notes ?? []), ...(reader.met?.() ?? []), ...types.notes()],
  };
}

/**
 * Reads a file into a collection: JSON, JSON lines (both may be Extended JSON), GeoJSON, CSV, TSV or a mongodump `.bson`
 * file, each also as `.gz`. Replaces existing documents with the same `_id`, or with `upsertKey` those with the same
 * value in that field; `drop` empties the collection first, once the whole file has been read without an error. Memory
 * does not grow with the file, except for 16 to 48 bytes per document without `_id`.
 * @throws HydrogenError `not_found`, `not_supported`, and with the place in the file `bad_input`, `too_large` and
 * `conflict`. Documents read before it stay, and the import can be repeated.
 */
export async function importFile(
  store: DocumentStore,
  namespace: Namespace,
  file: string,
  options: ImportOptions,
  call: Call,
): Promise<ImportReport> {
  const path = options.path ?? (await realpath(file).catch(() => file));
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  const progress = progressOf(size, namespace, call);
  const reader = await openReader({ file, path }, options, progress.onBytes);
  return importDocuments(store, namespace, reader, options, call, progress);
}

/**
 * Adds how many documents were stored. A batch that was being written as the call was cancelled may be stored, too: its
 * count never arrives.
 */
function interrupted(error: unknown, written: InsertResult): unknown {
  const stored = countOf(written);
  if (!(error instanceof HydrogenError)) return error;
  if (error.code === 'cancelled') {
    const least = stored === 0 ? '' : ` (at least ${stored.toLocaleString('en')} documents)`;
    return reworded(
      error,
      `The import was cancelled. What was written so far${least} stays; it can be repeated.`,
    );
  }
  if (stored === 0) return error;
  const which =
    stored === 1 ? 'document before it has' : `${stored.toLocaleString('en')} documents before it have`;
  const message = `${error.message} The ${which} been imported; the import can be repeated.`;
  return reworded(error, message);
}
