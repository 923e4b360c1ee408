import { distinctValues } from '../../../mql/index.ts';
import type { CountQuery, DistinctQuery } from '../../documents/document-store.ts';
import type { Session } from '../engine/session.ts';
import { requireCollection } from './collections.ts';
import { type EncodedPage, pageOf } from './page.ts';
import { countMatching } from './pushdown/count.ts';
import { matchingFields } from './pushdown/source.ts';

export function count(session: Session, query: CountQuery): number {
  return countMatching(session, requireCollection(session, query), query);
}

/** The values, each as a document `{ value }`. */
export function distinct(session: Session, query: DistinctQuery): EncodedPage {
  const { filter, collation, key } = query;
  const fields = [key.split('.')[0] ?? key];
  const documents = matchingFields(session, requireCollection(session, query), { filter, collation, fields });
  return pageOf(distinctValues(documents, key, { collation }), query, { document: (value) => ({ value }) });
}
