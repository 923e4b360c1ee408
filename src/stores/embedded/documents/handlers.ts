import { decode } from '../../../mql/index.ts';
import type {
  AggregateQuery,
  CountQuery,
  DistinctQuery,
  ExplainQuery,
  FindQuery,
  NewIndex,
} from '../../documents/document-store.ts';
import type { Session } from '../engine/session.ts';
import { aggregate } from './aggregate.ts';
import { changeHandlers } from './changes/handlers.ts';
import { listCollections, listDatabases, requireDatabase } from './collections.ts';
import { count, distinct } from './count.ts';
import { describe } from './describe.ts';
import { explain } from './explain.ts';
import { find } from './find.ts';
import { followHandlers } from './follow-handlers.ts';
import { createIndex, listIndexes } from './indexes/manage.ts';
import { put } from './put.ts';

/** A query crosses threads as one BSON document, so that its values keep their types. */
const query = <Query>(bson: Uint8Array): Query => decode(bson) as unknown as Query;

/** The document store's operations on the store threads. */
export const documentHandlers = {
  databases: listDatabases,
  collections(session: Session, database: string) {
    requireDatabase(session, database);
    return listCollections(session, database);
  },
  describe,
  find: (session: Session, bson: Uint8Array) => find(session, query<FindQuery>(bson)),
  aggregate: (session: Session, bson: Uint8Array) => aggregate(session, query<AggregateQuery>(bson)),
  count: (session: Session, bson: Uint8Array) => count(session, query<CountQuery>(bson)),
  distinct: (session: Session, bson: Uint8Array) => distinct(session, query<DistinctQuery>(bson)),
  put,
  explain: (session: Session, bson: Uint8Array) => explain(session, query<ExplainQuery>(bson)),
  indexes: listIndexes,
  createIndex: (session: Session, bson: Uint8Array) => createIndex(session, query<NewIndex>(bson)),
  ...changeHandlers,
  ...followHandlers,
};
