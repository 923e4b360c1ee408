import { decode, encode, prepareInsert } from '../../../../mql/index.ts';
import { type BsonSequence, splitBson } from '../../../documents/bson-sequence.ts';
import type { Namespace } from '../../../documents/document-store.ts';
import type { Session } from '../../engine/session.ts';
import { collectionFor, insertRow } from '../rows.ts';

interface InsertArguments extends Namespace {
  readonly documents: BsonSequence;
}

/** Inserts all documents or none; returns their `_id`s as BSON `{ ids }`. */
export function insert(session: Session, args: InsertArguments): Uint8Array {
  const collection = collectionFor(session, args);
  const ids: unknown[] = [];
  for (const bson of splitBson(args.documents)) {
    session.tick();
    const document = prepareInsert(decode(bson));
    insertRow(session, collection, document);
    ids.push(document['_id']);
  }
  return encode({ ids });
}
