import type { Call } from '../../../call.ts';
import { throwIfCallEnded } from '../../../call-end.ts';
import { HydrogenError } from '../../../errors.ts';
import type { Document } from '../../../mql/formats.ts';
import type { Positions } from '../../../stores/index/positions.ts';
import type { Catalog, FileRecord, NewDocument, Source } from '../../../stores/index/types.ts';
import { documentFormat } from '../../reading/chunk.ts';
import type { Parser } from '../../reading/parser.ts';
import type { CollectionSource } from './collection-source.ts';
import { pathOfId, recordText } from './records.ts';

/** The result of bringing a collection's documents up to date. */
export interface SyncReport {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly removed: number;
  readonly chunks: number;
}

/** Dependencies for reading a collection. */
export interface SyncParts {
  readonly catalog: Catalog;
  readonly parser: Parser;
  readonly positions: Positions;
}

/** Documents read from the collection, and written to the index, at a time. */
const batchSize = 200;
const maxBatchBytes = 16 * 1024 * 1024;

/** The source's root in the index, which cannot be mistaken for a path. */
function rootOf({ connection, namespace }: CollectionSource): string {
  return `collection:${connection}/${namespace.database}/${namespace.collection}`;
}

/** @throws HydrogenError `timeout` or `cancelled` when the call is over. */
async function registered(source: Source, catalog: Catalog, call: Call): Promise<Map<string, FileRecord>> {
  return new Map((await catalog.files(source.name, call)).map((record) => [record.path, record]));
}

/** Whether documents of the collection were read by another version, or for passages in another store. */
export async function isOutdated(
  definition: CollectionSource,
  { catalog }: SyncParts,
  call: Call,
): Promise<boolean> {
  const isOld = (format: string): boolean => format !== documentFormat;
  if (!Object.keys(await catalog.formats(call)).some(isOld)) return false;
  const root = rootOf(definition);
  const source = (await catalog.sources(call)).find((one) => one.root === root);
  if (!source) return false;
  return (await catalog.files(source.name, call)).some(({ format }) => isOld(format));
}

/** The document for the index, unless it is unchanged or has no text. */
async function documentOf(
  document: Document,
  source: Source,
  definition: CollectionSource,
  known: FileRecord | undefined,
  { parser }: SyncParts,
  call: Call,
): Promise<NewDocument | 'unchanged' | 'empty'> {
  const { path, title, text, metadata, hash } = recordText(document, definition);
  if (text === '') return 'empty';
  if (known?.hash === hash && known.format === documentFormat) return 'unchanged';
  const request = { id: `${source.name}/${path}`, name: path, type: 'markdown' as const, content: { text } };
  const reply = await parser.parse(request, call);
  if (!('document' in reply)) return 'empty';
  const modified = changedAt(document, definition.updatedAt);
  const origin = { source: source.name, path, modified, size: reply.document.bytes };
  return { ...reply.document, type: 'record', title, metadata, hash, origin };
}

interface Counts {
  added: number;
  changed: number;
  unchanged: number;
  removed: number;
  chunks: number;
}

/** Indexes the given documents, and removes those that no longer have text. */
async function write(
  documents: readonly Document[],
  source: Source,
  definition: CollectionSource,
  known: ReadonlyMap<string, FileRecord>,
  parts: SyncParts,
  counts: Counts,
  call: Call,
): Promise<void> {
  const batch: NewDocument[] = [];
  const empty: string[] = [];
  for (const document of documents) {
    throwIfCallEnded(call);
    const record = known.get(pathOfId(document['_id']));
    const made = await documentOf(document, source, definition, record, parts, call);
    if (made === 'unchanged') counts.unchanged++;
    else if (made === 'empty') {
      if (record) empty.push(record.id);
    } else {
      counts[record ? 'changed' : 'added']++;
      counts.chunks += made.chunks.length;
      batch.push(made);
    }
  }
  if (batch.length > 0) await parts.catalog.upsert(batch, call);
  if (empty.length > 0) counts.removed += (await parts.catalog.remove(empty, call)).length;
}

const newCounts = (): Counts => ({ added: 0, changed: 0, unchanged: 0, removed: 0, chunks: 0 });

/** The matching documents, page by page. */
async function* pages(
  { store, namespace }: CollectionSource,
  query: { readonly filter: Document; readonly projection?: Document },
  call: Call,
): AsyncGenerator<readonly Document[]> {
  let after: string | undefined;
  do {
    const page = await store.find(
      {
        ...namespace,
        ...query,
        sort: { _id: 1 },
        skip: 0,
        limit: batchSize,
        maxBytes: maxBatchBytes,
        ...(after !== undefined && { after }),
      },
      call,
    );
    yield page.documents;
    after = page.next;
  } while (after !== undefined);
}

/** Removes documents from the index by path. */
async function removePaths(
  paths: Iterable<string>,
  known: ReadonlyMap<string, FileRecord>,
  { catalog }: SyncParts,
  call: Call,
): Promise<number> {
  const ids = [...paths].flatMap((path) => known.get(path)?.id ?? []);
  return ids.length === 0 ? 0 : (await catalog.remove(ids, call)).length;
}

/** Brings the documents with the given `_id`s up to date; those that no longer exist are removed from the index. */
export async function syncIds(
  ids: readonly unknown[],
  definition: CollectionSource,
  parts: SyncParts,
  call: Call,
): Promise<SyncReport> {
  const source = await parts.catalog.source(rootOf(definition), definition.name, call);
  const known = await registered(source, parts.catalog, call);
  const counts = newCounts();
  for (let start = 0; start < ids.length; start += batchSize) {
    const batch = ids.slice(start, start + batchSize);
    const missing = new Set(batch.map(pathOfId));
    for await (const documents of pages(definition, { filter: { _id: { $in: batch } } }, call)) {
      await write(documents, source, definition, known, parts, counts, call);
      for (const document of documents) missing.delete(pathOfId(document['_id']));
    }
    counts.removed += await removePaths(missing, known, parts, call);
  }
  return counts;
}

/**
 * Whether the collection exists: a dropped one is removed from the library, while an unreachable server changes
 * nothing.
 */
async function exists({ store, namespace }: CollectionSource, call: Call): Promise<boolean> {
  try {
    await store.indexes(namespace, call);
    return true;
  } catch (error) {
    if (error instanceof HydrogenError && error.code === 'not_found') return false;
    throw error;
  }
}

/** Time of the last change from its field, in ms since the epoch; 0 without one. */
function changedAt(document: Document, field: string | undefined): number {
  const value = field === undefined ? undefined : document[field];
  return value instanceof Date && !Number.isNaN(value.getTime()) ? value.getTime() : 0;
}

/**
 * Scans the whole collection and brings the index up to date, deletions included. With `updatedAt`, only documents
 * whose time has changed are fetched in full.
 */
export async function syncAll(
  definition: CollectionSource,
  parts: SyncParts,
  call: Call,
): Promise<SyncReport> {
  const { updatedAt } = definition;
  const source = await parts.catalog.source(rootOf(definition), definition.name, call);
  const known = await registered(source, parts.catalog, call);
  const counts = newCounts();
  const missing = new Set(known.keys());
  if (!(await exists(definition, call))) {
    counts.removed = await removePaths(missing, known, parts, call);
    return counts;
  }
  const projection = updatedAt === undefined ? undefined : { [updatedAt]: 1 };
  let done = 0;
  for await (const documents of pages(definition, { filter: {}, ...(projection && { projection }) }, call)) {
    for (const document of documents) missing.delete(pathOfId(document['_id']));
    if (updatedAt === undefined) {
      await write(documents, source, definition, known, parts, counts, call);
    } else {
      const stale = documents.filter((document) => {
        const record = known.get(pathOfId(document['_id']));
        const time = changedAt(document, updatedAt);
        return record?.format !== documentFormat || time === 0 || record.modified !== time;
      });
      counts.unchanged += documents.length - stale.length;
      const ids = stale.map((document) => document['_id']);
      for await (const whole of ids.length === 0
        ? []
        : pages(definition, { filter: { _id: { $in: ids } } }, call)) {
        await write(whole, source, definition, known, parts, counts, call);
      }
    }
    done += documents.length;
    call.progress({ done, message: `${definition.name}: ${done} documents` });
  }
  counts.removed += await removePaths(missing, known, parts, call);
  return counts;
}
