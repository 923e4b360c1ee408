import type { Call } from '../../../call.ts';
import type { DataRules } from '../../../policy/data-rules.ts';
import type { DocumentStore, Namespace } from '../document-store.ts';
import * as changes from './changes.ts';
import * as descriptions from './describe.ts';
import * as reads from './reads.ts';
import { createScope } from './scope.ts';

/** Hears of a collection and how many of its documents were returned or changed. */
export type Note = (namespace: Namespace, rows: number, call: Call) => void;

/** The store as a caller with rules sees it. Imports the query language, so it is loaded at the first such call. */
export function restrictedStore(
  store: DocumentStore,
  connection: string,
  rules: DataRules,
  note: Note,
): DocumentStore {
  const scope = createScope(store, connection, rules);
  async function noted<T>(
    namespace: Namespace,
    work: Promise<T>,
    rows: (result: T) => number,
    call: Call,
  ): Promise<T> {
    const result = await work;
    note(namespace, rows(result), call);
    return result;
  }
  const none = (): number => 0;
  return {
    databases: (call) => descriptions.databases(scope, call),
    collections: (database, call) => descriptions.collections(store, scope, database, call),
    describe: (namespace, call) =>
      noted(namespace, descriptions.describe(store, scope, namespace, call), ({ sampled }) => sampled, call),
    find: (query, call) =>
      noted(query, reads.find(store, scope, query, call), ({ documents }) => documents.length, call),
    async aggregate(query, call) {
      const { page, joined } = await reads.aggregate(store, scope, query, call);
      note(query, page.documents.length, call);
      for (const collection of joined) note({ database: query.database, collection }, 0, call);
      return page;
    },
    count: (query, call) => noted(query, reads.count(store, scope, query, call), none, call),
    distinct: (query, call) =>
      noted(query, reads.distinct(store, scope, query, call), ({ values }) => values.length, call),
    indexes: (namespace, call) =>
      noted(namespace, descriptions.indexes(store, scope, namespace, call), none, call),
    explain: (query, call) => noted(query, descriptions.explain(store, scope, query, call), none, call),
    async put(namespace, documents, options, call) {
      await changes.assertWhole(scope, namespace, call);
      return noted(
        namespace,
        store.put(namespace, documents, options, call),
        ({ inserted, replaced }) => inserted + replaced,
        call,
      );
    },
    insert: (namespace, documents, call) =>
      noted(namespace, changes.insert(store, scope, namespace, documents, call), (ids) => ids.length, call),
    preview: (change, limits, call) =>
      noted(
        change,
        changes.preview(store, scope, change, limits, call),
        ({ examples }) => examples.length,
        call,
      ),
    apply: (change, limits, call) =>
      noted(change, changes.apply(store, scope, change, limits, call), ({ changed }) => changed, call),
    async createIndex(index, call) {
      await changes.assertWhole(scope, index, call);
      return noted(
        index,
        scope.found(() => [index], store.createIndex(index, call), call),
        none,
        call,
      );
    },
    async *follow(namespace, after, call) {
      await changes.assertWhole(scope, namespace, call);
      yield* store.follow(namespace, after, call);
    },
  };
}
