import { compileFilter, type Document, decode } from '../../../../mql/index.ts';
import type { Session } from '../../engine/session.ts';
import { choosePlan, exactPlan, type Size } from '../plan/choose.ts';
import { countDocuments } from '../plan/entries.ts';
import { readMatches } from '../plan/read.ts';
import { countRows } from './rows.ts';

/**
 * How many documents match: by an index alone where one suffices, otherwise by SQL, otherwise by evaluating the
 * documents.
 * @throws HydrogenError for an invalid filter or collation
 */
export function countMatching(
  session: Session,
  collection: Size,
  { filter, collation }: { readonly filter: Document; readonly collation?: Document | undefined },
): number {
  const matches = compileFilter(filter, { collation });
  if (Object.keys(filter).length === 0) return collection.documents;
  const query = { filter, collation, wanted: Number.POSITIVE_INFINITY };
  const exact = exactPlan(session, collection.id, query);
  if (exact) return countDocuments(session, exact);
  const plan = choosePlan(session, collection, query);
  if (plan.kind === 'scan' && collation === undefined) {
    return countRows(session, collection.id, filter, (bson) => matches(decode(bson)));
  }
  let count = 0;
  const reading = { collection: collection.id, filter, matches, collation };
  for (const _ of readMatches(session, plan, reading)) count++;
  return count;
}
