import { compileFilter, type Document, distinctValues, aggregate as run } from '../../../mql/index.ts';
import type { Session } from '../../sqlite/operation.ts';
import type { AggregateQuery, DistinctQuery, Namespace } from '../document-store.ts';
import { requireCollection } from './collections.ts';
import { type EncodedPage, pageOf } from './page.ts';
import { candidates } from './scan.ts';

/** What stages that hold documents may hold, bytes, as MongoDB allows without disk use. */
const stageMemory = 100 * 1024 * 1024;

function* documentsOf(session: Session, collection: number, filter: Document = {}): Generator<Document> {
  for (const { document } of candidates(session, collection, filter)) yield document;
}

export function aggregate(session: Session, query: AggregateQuery): EncodedPage {
  const { database, pipeline } = query;
  const { id } = requireCollection(session, query);
  const results = run([...pipeline], {
    input: () => documentsOf(session, id),
    collection: (name) => {
      // MongoDB takes a collection that does not exist for an empty one; a model would believe it.
      return documentsOf(session, requireCollection(session, { database, collection: name }).id);
    },
    limits: { tick: session.tick, maxBytes: stageMemory },
    now: new Date(),
  });
  return pageOf(results, query, { document: (document) => document });
}

export function count(session: Session, query: Namespace & { filter: Document }): number {
  const { id, documents } = requireCollection(session, query);
  const matches = compileFilter(query.filter);
  if (Object.keys(query.filter).length === 0) return documents;
  let matching = 0;
  for (const { document } of candidates(session, id, query.filter)) if (matches(document)) matching++;
  return matching;
}

/** The values, each as a document `{ value }`. */
export function distinct(session: Session, query: DistinctQuery): EncodedPage {
  const { id } = requireCollection(session, query);
  const matches = compileFilter(query.filter);
  const matching = candidates(session, id, query.filter)
    .map(({ document }) => document)
    .filter(matches);
  const values = distinctValues(matching, query.key);
  return pageOf(values, query, { document: (value) => ({ value }) });
}
