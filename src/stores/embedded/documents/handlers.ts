import { decode } from '../../../mql/index.ts';
import type {
  AggregateQuery,
  CountQuery,
  DistinctQuery,
  ExplainQuery,
  FindQuery,
  Namespace,
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
import { type PutArguments, put } from './put.ts';

/** A query crosses threads as one BSON document: its values keep their types. */
const query = <Query>(bson: Uint8Array): Query => decode(bson) as unknown as Query;

export const documentHandlers = {
  'documents.databases': (session: Session, _args: null) => listDatabases(session),
  'documents.collections': (session: Session, database: string) => {
    requireDatabase(session, database);
    return listCollections(session, database);
  },
  'documents.describe': (session: Session, namespace: Namespace) => describe(session, namespace),
  'documents.find': (session: Session, bson: Uint8Array) => find(session, query<FindQuery>(bson)),
  'documents.aggregate': (session: Session, bson: Uint8Array) =>
    aggregate(session, query<AggregateQuery>(bson)),
  'documents.count': (session: Session, bson: Uint8Array) => count(session, query<CountQuery>(bson)),
  'documents.distinct': (session: Session, bson: Uint8Array) => distinct(session, query<DistinctQuery>(bson)),
  'documents.put': (session: Session, args: PutArguments) => put(session, args),
  'documents.explain': (session: Session, bson: Uint8Array) => explain(session, query<ExplainQuery>(bson)),
  'documents.indexes': (session: Session, namespace: Namespace) => listIndexes(session, namespace),
  'documents.createIndex': (session: Session, bson: Uint8Array) =>
    createIndex(session, query<NewIndex>(bson)),
  ...changeHandlers,
  ...followHandlers,
};
