import { type Document, decode, encode, keyString } from '../../../mql/index.ts';
import { describeSample, sampleBytes, sampleSize } from '../../documents/describe/fields.ts';
import { rangeLookups, withRanges } from '../../documents/describe/ranges.ts';
import {
  type PossibleReference,
  possibleReferences,
  withReferences,
} from '../../documents/describe/references.ts';
import type { CollectionDescription, Namespace } from '../../documents/document-store.ts';
import type { Session } from '../engine/session.ts';
import { statement } from '../engine/statements.ts';
import { type CollectionRow, findCollection, listCollections, requireCollection } from './collections.ts';
import { find } from './find.ts';
import { listIndexes } from './indexes/manage.ts';

/** Fewer large documents are read: each takes time and memory. */
function sizeOf({ documents, bytes }: CollectionRow): number {
  const average = bytes / Math.max(documents, 1);
  return Math.max(20, Math.min(sampleSize, Math.floor(sampleBytes / Math.max(average, 1))));
}

/** All documents of a small collection; evenly spaced ones of a large collection. */
function* sample(session: Session, collection: CollectionRow): Generator<Document> {
  const { db, tick } = session;
  const { id, documents } = collection;
  const wanted = sizeOf(collection);
  if (documents <= wanted) {
    const rows = db.prepare('SELECT bson FROM documents WHERE collection = ? ORDER BY id').iterate(id);
    for (const row of rows) {
      tick();
      yield decode(row['bson'] as Uint8Array);
    }
    return;
  }
  const range = statement(
    session,
    'SELECT min(id) AS low, max(id) AS high FROM documents WHERE collection = ?',
  ).get(id);
  const low = Number(range?.['low']);
  const step = (Number(range?.['high']) - low) / (wanted - 1);
  const next = statement(
    session,
    'SELECT id, bson FROM documents WHERE collection = ? AND id >= ? ORDER BY id LIMIT 1',
  );
  let last = -1;
  for (let i = 0; i < wanted; i++) {
    tick();
    const row = next.get(id, Math.floor(low + i * step));
    if (!row || row['id'] === last) continue;
    last = Number(row['id']);
    yield decode(row['bson'] as Uint8Array);
  }
}

function isConfirmed(
  session: Session,
  database: string,
  { collection, ids, minFound }: PossibleReference,
): boolean {
  const found = findCollection(session, { database, collection });
  if (!found) return false;
  const lookUp = statement(session, 'SELECT 1 FROM documents WHERE collection = ? AND key = ?');
  return ids.filter((id) => lookUp.get(found.id, keyString(id)) !== undefined).length >= minFound;
}

/** A `CollectionDescription` as BSON: its values keep their types on the way to the main thread. */
export function describe(session: Session, namespace: Namespace): Uint8Array {
  const collection = requireCollection(session, namespace);
  const { database } = namespace;
  const found = describeSample(sample(session, collection));
  const otherCollections = listCollections(session, database)
    .map(({ name }) => name)
    .filter((name) => name !== namespace.collection);
  const confirmed = possibleReferences(found, otherCollections).filter((reference) => {
    session.tick();
    return isConfirmed(session, database, reference);
  });
  const { name, documents, bytes } = collection;
  const indexes = listIndexes(session, namespace);
  const looked = rangeLookups(found, documents, indexes).map(({ path, smallest, largest }) => {
    const first = (query: typeof smallest): Document | undefined => {
      const bounds = { ...namespace, skip: 0, limit: 1, maxBytes: sampleBytes };
      const [bson] = find(session, { ...bounds, ...query }).documents;
      return bson && decode(bson);
    };
    return [path, [first(smallest), first(largest)]] as const;
  });
  const { values: _values, ...rest } = found;
  const description: CollectionDescription = {
    ...{ name, documents, bytes, indexes },
    ...rest,
    fields: withReferences(withRanges(found, documents, new Map(looked)), confirmed),
  };
  return encode({ ...description });
}
