import type { DataRules } from '../../../policy/data-rules.ts';
import type { DocumentStore } from '../document-store.ts';
import * as changes from './changes.ts';
import * as descriptions from './describe.ts';
import * as reads from './reads.ts';
import { visibleTo } from './visible.ts';

/** The store as a caller with rules sees it. Imports the query language, so it is loaded at the first such call. */
export function restrictedStore(store: DocumentStore, connection: string, rules: DataRules): DocumentStore {
  const visible = visibleTo(store, connection, rules);
  return {
    databases: (call) => descriptions.databases(visible, call),
    collections: (database, call) => descriptions.collections(store, visible, database, call),
    describe: (namespace, call) => descriptions.describe(store, visible, namespace, call),
    find: (query, call) => reads.find(store, visible, query, call),
    aggregate: (query, call) => reads.aggregate(store, visible, query, call),
    count: (query, call) => reads.count(store, visible, query, call),
    distinct: (query, call) => reads.distinct(store, visible, query, call),
    indexes: (namespace, call) => descriptions.indexes(store, visible, namespace, call),
    explain: (query, call) => descriptions.explain(store, visible, query, call),
    async put(namespace, documents, options, call) {
      await changes.assertWhole(visible, namespace, call);
      return store.put(namespace, documents, options, call);
    },
    insert: (namespace, documents, call) => changes.insert(store, visible, namespace, documents, call),
    preview: (change, limits, call) => changes.preview(store, visible, change, limits, call),
    apply: (change, limits, call) => changes.apply(store, visible, change, limits, call),
    async createIndex(index, call) {
      await changes.assertWhole(visible, index, call);
      return visible.found(() => [index], store.createIndex(index, call), call);
    },
    async *follow(namespace, after, call) {
      await changes.assertWhole(visible, namespace, call);
      yield* store.follow(namespace, after, call);
    },
  };
}
