import type { Document } from '../../../mql/index.ts';
import { factsFilter, factsOf, metadataOf } from '../../index/facts.ts';
import type { Selection } from '../../index/types.ts';
import type { Session } from '../engine/session.ts';
import { chunkCache } from './chunk-cache.ts';
import { readState } from './state.ts';

/** The documents in a selection, by document number, as of a sequence. */
interface CachedSelection {
  sequence: number;
  documents: Uint8Array;
  readonly matches: (document: Document) => boolean;
}

/** How many selections are cached. */
const maxCached = 16;
const key = 'index.selections';

/** The ids that start with a prefix are those from the prefix up to this. */
export function endOf(prefix: string): string {
  return `${prefix}\u{10ffff}`;
}

/** What a filter may ask about the document of a row. */
export function factsOfRow(row: Record<string, unknown>): Document {
  const { source, path } = row;
  return factsOf({
    id: String(row['id']),
    title: String(row['title']),
    type: String(row['type']),
    metadata: metadataOf(String(row['metadata'])),
    modified: Number(row['modified']),
    indexedAt: Number(row['indexed_at']),
    source: source === null ? undefined : String(source),
    path: path === null ? undefined : String(path),
  });
}

function cachedSelection(session: Session, { within = '', filter }: Selection): CachedSelection {
  const { memory } = session;
  const all =
    (memory.get(key) as Map<string, CachedSelection> | undefined) ?? new Map<string, CachedSelection>();
  memory.set(key, all);
  const name = JSON.stringify([within, filter ?? null]);
  const cached = all.get(name) ?? {
    sequence: -1,
    documents: new Uint8Array(0),
    matches: filter === undefined ? () => true : factsFilter(filter),
  };
  // The map is in order of use, the most recent last.
  all.delete(name);
  all.set(name, cached);
  for (const oldest of all.keys()) {
    if (all.size <= maxCached) break;
    all.delete(oldest);
  }
  return cached;
}

/**
 * The documents in a selection: 1 at the number of each. The filter is evaluated once per document; later only for
 * documents written since.
 * @throws HydrogenError `bad_input` or `not_supported` for an invalid or unsupported filter.
 */
export function selectedDocuments(session: Session, selection: Selection): Uint8Array {
  const { db, tick } = session;
  const { within = '', filter } = selection;
  const { sequence } = readState(session);
  const cached = cachedSelection(session, selection);
  if (cached.sequence === sequence) return cached.documents;
  const highest = Number(
    db.prepare('SELECT coalesce(max(document), 0) AS n FROM index_documents').get()?.['n'] ?? 0,
  );
  if (highest >= cached.documents.length) {
    const longer = new Uint8Array(Math.ceil((highest + 1) * 1.1));
    longer.set(cached.documents);
    cached.documents = longer;
  }
  // The prefix uses the index of ids; later changes use that of sequences.
  const fresh =
    cached.sequence < 0 ? 'id >= ? AND id < ? AND +sequence > ?' : '+id >= ? AND +id < ? AND sequence > ?';
  const columns = filter === undefined ? 'document' : '*';
  const rows = db.prepare(`SELECT ${columns} FROM index_documents WHERE ${fresh}`);
  for (const row of rows.iterate(within, endOf(within), cached.sequence)) {
    tick();
    cached.documents[Number(row['document'])] =
      filter === undefined || cached.matches(factsOfRow(row)) ? 1 : 0;
  }
  cached.sequence = sequence;
  return cached.documents;
}

/** The chunks of the last selection: a search needs them twice. */
interface LastChunks {
  readonly documents: Uint8Array;
  readonly sequence: number;
  readonly chunks: Uint8Array;
}

const lastKey = 'index.selectedChunks';

/** 1 at the number of every chunk in a selection; undefined when that is all of them. Valid until the next call. */
export function selectedChunks(session: Session, selection: Selection): Uint8Array | undefined {
  const { within = '', filter } = selection;
  if (within === '' && filter === undefined) return undefined;
  const { memory } = session;
  const selected = selectedDocuments(session, selection);
  const { documents, lengths, highest, sequence } = chunkCache(session);
  const last = memory.get(lastKey) as LastChunks | undefined;
  if (last?.documents === selected && last.sequence === sequence) return last.chunks;
  memory.delete(lastKey);
  const hasRoom = last !== undefined && last.chunks.length > highest;
  const chunks = hasRoom ? last.chunks.fill(0) : new Uint8Array(Math.ceil((highest + 1) * 1.1));
  for (let chunk = 0; chunk <= highest; chunk++) {
    if ((lengths[chunk] as number) >= 0) chunks[chunk] = selected[documents[chunk] as number] ?? 0;
  }
  memory.set(lastKey, { documents: selected, sequence, chunks });
  return chunks;
}
