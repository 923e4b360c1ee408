import { compileFilter, type Document } from '../../../../mql/index.ts';
import type { Session } from '../../engine/session.ts';
import { statement } from '../../engine/statements.ts';
import { choosePlan } from './choose.ts';
import { readMatches, type StoredDocument } from './read.ts';

/**
 * The documents of a collection that match a filter, in insertion order.
 * @param wanted how many of them will be requested
 * @throws HydrogenError for an invalid filter or collation, when called; while iterating, whatever `tick` throws
 */
export function matchingDocuments(
  session: Session,
  collection: number,
  { filter, collation, wanted = Number.POSITIVE_INFINITY }: Wanted,
): Iterable<StoredDocument> {
  const matches = compileFilter(filter, { collation });
  const row = statement(session, 'SELECT documents FROM collections WHERE id = ?').get(collection);
  const documents = Number(row?.['documents'] ?? 0);
  const plan = choosePlan(session, { id: collection, documents }, { filter, collation, wanted });
  return readMatches(session, plan, { collection, filter, matches, collation });
}

interface Wanted {
  readonly filter: Document;
  readonly collation?: Document | undefined;
  readonly wanted?: number;
}
