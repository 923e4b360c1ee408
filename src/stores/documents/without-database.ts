import { HydrogenError } from '../../errors.ts';
import type { DocumentServer } from './document-server.ts';

/** What in a stage may name a collection of another database: `{$lookup: {from: {db, coll}}}`. */
const sources: ReadonlySet<string> = new Set(['from', 'into', '$unionWith', '$out', '$merge']);

/** The databases that stages name beside their own. */
function* databasesIn(value: unknown, isSource = false): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (isSource && name === 'db' && typeof inner === 'string') yield inner;
    else yield* databasesIn(inner, sources.has(name));
  }
}

/**
 * A server without one of its databases, in which something else is kept: it is not listed, read or changed, as if it were
 * not there, and the error says by which setting.
 */
export function withoutDatabase(server: DocumentServer, hidden: string, setting: string): DocumentServer {
  function admit(database: string): void {
    if (database !== hidden) return;
    throw new HydrogenError(
      'not_allowed',
      `The database "${hidden}" holds what this server keeps for itself (setting ${setting}): use another one.`,
    );
  }
  const guarded =
    <Target extends { readonly database: string }, Rest extends readonly unknown[], Result>(
      method: (target: Target, ...rest: Rest) => Promise<Result>,
    ) =>
    async (target: Target, ...rest: Rest): Promise<Result> => {
      admit(target.database);
      return method(target, ...rest);
    };
  return {
    ...server,
    async databases(call) {
      return (await server.databases(call)).filter(({ name }) => name !== hidden);
    },
    async collections(database, call) {
      admit(database);
      return server.collections(database, call);
    },
    async *follow(namespace, after, call) {
      admit(namespace.database);
      yield* server.follow(namespace, after, call);
    },
    describe: guarded(server.describe),
    find: guarded(server.find),
    async aggregate(query, call) {
      for (const name of [query.database, ...databasesIn(query.pipeline)]) admit(name);
      return server.aggregate(query, call);
    },
    count: guarded(server.count),
    distinct: guarded(server.distinct),
    indexes: guarded(server.indexes),
    async explain(query, call) {
      for (const name of [query.database, ...databasesIn(query.pipeline)]) admit(name);
      return server.explain(query, call);
    },
    put: guarded(server.put),
    insert: guarded(server.insert),
    preview: guarded(server.preview),
    apply: guarded(server.apply),
    createIndex: guarded(server.createIndex),
  };
}
