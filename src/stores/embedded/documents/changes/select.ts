import { createHash } from 'node:crypto';
import { HydrogenError } from '../../../../errors.ts';
import { type Document, encode } from '../../../../mql/index.ts';
import type { ChangeLimits, ChangeTarget } from '../../../documents/document-store.ts';
import { inParts } from '../../../documents/in-parts.ts';
import type { Session } from '../../engine/session.ts';
import { matchingDocuments } from '../plan/matching.ts';
import type { StoredDocument } from '../plan/read.ts';

/** Maximum size of the documents of one change, in bytes of BSON. */
const maxBytes = 100 * 1024 * 1024;

function tooLarge(reason: string, advice: string): HydrogenError {
  return new HydrogenError('too_large', `Nothing was changed: ${reason}. ${advice}`);
}

/**
 * The documents a change affects, all of them or the first.
 * @throws HydrogenError `too_large` when there are more than the limits allow
 */
export function selected(
  session: Session,
  collection: number,
  { filter, many, collation }: Pick<ChangeTarget, 'filter' | 'many' | 'collation'>,
  { maxDocuments }: ChangeLimits,
  advice: string = inParts.change,
): StoredDocument[] {
  const found: StoredDocument[] = [];
  let bytes = 0;
  const wanted = many ? maxDocuments + 1 : 1;
  for (const stored of matchingDocuments(session, collection, { filter, collation, wanted })) {
    if (found.length === maxDocuments) {
      throw tooLarge(
        `more than ${maxDocuments.toLocaleString('en')} documents match, the limit for one call (maxWriteDocuments)`,
        advice,
      );
    }
    bytes += stored.bytes;
    if (bytes > maxBytes) throw tooLarge('the matching documents exceed 100 MiB', advice);
    found.push(stored);
    if (!many) break;
  }
  return found;
}

/** Digest of documents, `_id`s and content, in order. BSON marks where each one ends. */
export function stateOf(documents: readonly Document[]): string {
  const hash = createHash('sha256');
  for (const document of documents) hash.update(encode(document));
  return hash.digest('base64url');
}
