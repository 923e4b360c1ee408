import type { Call } from '../../../call.ts';
import type { DataRules } from '../../../policy/data-rules.ts';
import type { DocumentStore, Namespace } from '../document-store.ts';
import * as changes from './changes.ts';
import * as descriptions from './describe.ts';
import * as reads from './reads.ts';
import { visibleTo } from './visible.ts';

/** Hears of a collection and how many of its documents were returned or changed. */
export type Note = (namespace: Namespace, rows: number, call: Call) => void;

/** The store as a caller with rules sees it. Imports the query language, so it is loaded at the first such call. */
export function restrictedStore(
  store: DocumentStore,
  connection: string,
  rules: DataRules,
  note: Note,
): DocumentStore {
  const visible = visibleTo(store, connection, rules);
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
    databases: (call) => descriptions.databases(visible, call),
    collections: (database, call) => descriptions.collections(store, visible, database, call),
    describe: (namespace, call) =>
      noted(
        namespace,
        descriptions.describe(store, visible, namespace, call),
        ({ sampled }) => sampled,
        call,
      ),
    find: (query, call) =>
      noted(query, reads.find(store, visible, query, call), ({ documents }) => documents.length, call),
    async aggregate(query, call) {
      const { page, joined } = await reads.aggregate(store, visible, query, call);
      note(query, page.documents.length, call);
      for (const collection of joined) note({ database: query.database, collection }, 0, call);
      return page;
    },
    count: (query, call) => noted(query, reads.count(store, visible, query, call), none, call),
    distinct: (query, call) =>
      noted(query, reads.distinct(store, visible, query, call), ({ values }) => values.length, call),
    indexes: (namespace, call) =>
      noted(namespace, descriptions.indexes(store, visible, namespace, call), none, call),
    explain: (query, call) => noted(query, descriptions.explain(store, visible, query, call), none, call),
    async put(namespace, documents, options, call) {
      await changes.assertWhole(visible, namespace, call);
      return noted(
        namespace,
        store.put(namespace, documents, options, call),
        ({ inserted, replaced }) => inserted + replaced,
        call,
      );
    },
    insert: (namespace, documents, call) =>
      noted(namespace, changes.insert(store, visible, namespace, documents, call), (ids) => ids.length, call),
    preview: (change, limits, call) =>
      noted(
        change,
        changes.preview(store, visible, change, limits, call),
        ({ examples }) => examples.length,
        call,
      ),
    apply: (change, limits, call) =>
      noted(change, changes.apply(store, visible, change, limits, call), ({ changed }) => changed, call),
    async createIndex(index, call) {
      await changes.assertWhole(visible, index, call);
      return noted(
        index,
        visible.found(() => [index], store.createIndex(index, call), call),
        none,
        call,
      );
    },
    async *follow(namespace, after, call) {
      await changes.assertWhole(visible, namespace, call);
      yield* store.follow(namespace, after, call);
    },
  };
}
