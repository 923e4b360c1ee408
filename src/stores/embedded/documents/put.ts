import { ObjectId } from 'bson';
import { type Document, decode, encode, keyString } from '../../../mql/index.ts';
import { type BsonSequence, splitBson } from '../../documents/bson-sequence.ts';
import type { InsertResult, Namespace } from '../../documents/document-store.ts';
import type { Session } from '../engine/session.ts';
import { statement } from '../engine/statements.ts';
import { collectionFor, emptyCollection, insertRow, replaceRow } from './rows.ts';
import { type StoredRow, upsertLookup } from './upsert-lookup.ts';

interface PutArguments extends Namespace {
  readonly documents: BsonSequence;
  readonly drop: boolean;
  readonly upsertKey?: string;
}

interface PreparedDocument {
  readonly document: Document;
  readonly bson: Uint8Array;
}

/** The name of the first field in BSON, after the length (4 bytes) and the type. */
const idFirst = Buffer.from('_id\0');
const hasIdFirst = (bson: Uint8Array): boolean => Buffer.compare(bson.subarray(5, 9), idFirst) === 0;

/**
 * With its `_id` first, as an insert stores it. The original bytes are reused where they already have this form: only
 * they preserve the order of fields whose names are numbers.
 */
function prepared(bson: Uint8Array): PreparedDocument {
  const decoded = decode(bson);
  if (hasIdFirst(bson)) return { document: decoded, bson };
  const { _id = new ObjectId(), ...rest } = decoded;
  const document = { _id, ...rest };
  return { document, bson: encode(document) };
}

function byId(session: Session, collection: number, { document }: PreparedDocument): StoredRow | undefined {
  const row = statement(session, 'SELECT id, bson FROM documents WHERE collection = ? AND key = ?').get(
    collection,
    keyString(document['_id']),
  );
  return row && { row: Number(row['id']), bson: row['bson'] as Uint8Array };
}

/**
 * Inserts or replaces by `_id`, or by the value of `upsertKey`, whose document keeps its `_id`; a document without that
 * value goes by its `_id`. Runs in the transaction of its lane.
 * @throws HydrogenError `conflict` for a unique value, `too_large`, `bad_input`
 */
export function put(session: Session, args: PutArguments): InsertResult {
  const { tick } = session;
  const collection = collectionFor(session, args);
  if (args.drop) emptyCollection(session, collection);
  const byKey = args.upsertKey === undefined ? undefined : upsertLookup(session, collection, args.upsertKey);
  const result = { inserted: 0, replaced: 0, unchanged: 0 };
  for (const bson of splitBson(args.documents)) {
    tick();
    let incoming = prepared(bson);
    const value = byKey?.valueIn(incoming.document);
    const existing = value === undefined ? byId(session, collection, incoming) : byKey?.find(value);
    if (existing && value !== undefined) incoming = withIdOf(existing, incoming);
    if (!existing) {
      const row = insertRow(session, collection, incoming.document, incoming.bson);
      if (value !== undefined) byKey?.added(value, row);
      result.inserted++;
    } else if (Buffer.compare(existing.bson, incoming.bson) === 0) {
      result.unchanged++;
    } else {
      replaceRow(session, collection, existing.row, decode(existing.bson), incoming.document, incoming.bson);
      result.replaced++;
    }
  }
  byKey?.keep();
  return result;
}

function withIdOf(existing: StoredRow, { document: { _id, ...rest } }: PreparedDocument): PreparedDocument {
  const document = { _id: decode(existing.bson)['_id'], ...rest };
  return { document, bson: encode(document) };
}
