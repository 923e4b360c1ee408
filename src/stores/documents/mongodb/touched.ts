import { createHash } from 'node:crypto';
import { HydrogenError } from '../../../errors.ts';
import { type Document, decode } from '../../../mql/index.ts';
import type { ServerSession } from '../../mongodb/server.ts';
import type { ChangeLimits, ChangeRequest } from '../document-store.ts';
import { inParts } from '../in-parts.ts';
import { batchSize } from './find.ts';

export type DocumentChange = Exclude<ChangeRequest, { kind: 'drop_index' }>;

const maxExamples = 2;
/** Maximum size of the documents of one change, in bytes of BSON: they are read to learn what would change. */
const maxBytes = 100 * 1024 * 1024;

/** The documents a change affects, in their current state. */
export interface Touched {
  readonly ids: unknown[];
  readonly examples: Document[];
  readonly state: string;
}

function tooMany({ kind }: DocumentChange, reason: string): HydrogenError {
  const advice = kind === 'drop_collection' ? inParts.drop : inParts.change;
  return new HydrogenError('too_large', `Nothing was changed: ${reason}. ${advice}`);
}

const selectionOf = (change: DocumentChange) =>
  change.kind === 'drop_collection' ? { filter: {}, many: true } : change;

/**
 * The documents a change affects, in the order of their `_id`s, and a digest of them.
 * @param inspect called with each; if it throws, reading ends
 */
export async function touched(
  session: ServerSession,
  change: DocumentChange,
  { maxDocuments }: ChangeLimits,
  inspect: (document: Document) => void = () => {},
): Promise<Touched> {
  const { filter, many, ...rest } = selectionOf(change);
  const collation = 'collation' in rest ? rest.collation : undefined;
  const maxRead = many ? maxDocuments + 1 : 1;
  const cursor = session.client
    .db(change.database)
    .collection(change.collection)
    .find(filter, {
      ...session.options(),
      // The primary has what will be changed.
      readPreference: 'primary',
      ...(many && { sort: { _id: 1 } }),
      ...(collation && { collation: collation as { locale: string } }),
      limit: maxRead,
      batchSize: Math.min(maxRead, batchSize),
      raw: true,
    });
  const hash = createHash('sha256');
  const ids: unknown[] = [];
  const examples: Document[] = [];
  let bytes = 0;
  try {
    for await (const raw of cursor) {
      const bson = raw as unknown as Uint8Array;
      if (ids.length === maxDocuments) {
        throw tooMany(
          change,
          `more than ${maxDocuments.toLocaleString('en')} documents match, the limit for one call (maxWriteDocuments)`,
        );
      }
      bytes += bson.byteLength;
      if (bytes > maxBytes) throw tooMany(change, 'the matching documents exceed 100 MiB');
      hash.update(bson);
      const document = decode(bson);
      inspect(document);
      ids.push(document['_id']);
      if (examples.length < maxExamples) examples.push(document);
    }
  } finally {
    await cursor.close();
  }
  return { ids, examples, state: hash.digest('base64url') };
}
