import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HydrogenError } from '../../../../../src/errors.ts';
import {
  compileFilter,
  compileSortKeys,
  type Document,
  decode,
  encode,
  stringifyExtendedJson,
} from '../../../../../src/mql/index.ts';
import type { FindQuery } from '../../../../../src/stores/documents/document-store.ts';
import { findBy } from '../../../../../src/stores/embedded/documents/find.ts';
import { indexesOf } from '../../../../../src/stores/embedded/documents/indexes/definition.ts';
import { entriesOf } from '../../../../../src/stores/embedded/documents/indexes/keys.ts';
import { createIndex } from '../../../../../src/stores/embedded/documents/indexes/manage.ts';
import { exactPlan, possiblePlans } from '../../../../../src/stores/embedded/documents/plan/choose.ts';
import { countDocuments } from '../../../../../src/stores/embedded/documents/plan/entries.ts';
import {
  collectionFor,
  insertRow,
  removeRow,
  replaceRow,
} from '../../../../../src/stores/embedded/documents/rows.ts';
import { repetitions } from '../../../../support/repetitions.ts';
import { directions, document, filter, sorting } from '../../../documents/properties/collections.ts';
import { memoryStore, transaction } from '../session.ts';

const numRuns = Number(process.env['PROPERTY_RUNS'] ?? repetitions(150, 500));
const namespace = { database: 'main', collection: 'things' };

/** What may happen to a document after the indexes are made. */
const later = fc.record({ at: fc.nat(30), to: fc.option(document(false)) });

const world = fc.boolean().chain((plain) =>
  fc.record({
    before: fc.array(document(plain), { maxLength: 8 }),
    indexes: fc.array(fc.record({ key: directions(3), unique: fc.constantFrom(false, false, false, true) }), {
      minLength: 1,
      maxLength: 3,
    }),
    after: fc.array(document(plain), { maxLength: 8 }),
    changes: fc.array(later, { maxLength: 4 }),
    filter,
    sort: fc.option(sorting(3), { nil: undefined }),
    limit: fc.integer({ min: 1, max: 4 }),
  }),
);

/** Runs the work; a refusal (not unique, parallel arrays) leaves nothing behind. */
function unlessRefused<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof HydrogenError && ['conflict', 'bad_input'].includes(error.code)) return undefined;
    throw error;
  }
}

const text = (documents: readonly Document[]): string[] =>
  documents.map((one) => stringifyExtendedJson(one, { relaxed: false }));

/** Changes or removes a document, in the store and in `rows`. */
function make(
  { at, to }: { readonly at: number; readonly to: Document | null },
  store: ReturnType<typeof memoryStore>,
  collection: number,
  rows: Map<number, Document>,
): void {
  const [row, old] = [...rows][at] ?? [];
  if (row === undefined || old === undefined) return;
  if (to === null) {
    transaction(store.session(), (s) => removeRow(s, collection, row, old));
    rows.delete(row);
    return;
  }
  const whole = decode(encode({ _id: old['_id'], ...to }));
  const done = unlessRefused(() =>
    transaction(store.session(), (s) => replaceRow(s, collection, row, old, whole)),
  );
  if (done !== undefined) rows.set(row, whole);
}

/** The entries of all indexes of a collection, and their counts, are those of its documents. */
function expectEntries(
  store: ReturnType<typeof memoryStore>,
  collection: number,
  rows: ReadonlyMap<number, Document>,
): void {
  const made = indexesOf(store.session(), collection);
  for (const index of made) {
    const wanted = [...rows].flatMap(([row, one]) =>
      entriesOf(index, one).keys.map((key) => `${Buffer.from(key).toString('hex')} ${row}`),
    );
    const kept = store.db.prepare('SELECT key, document FROM index_entries WHERE index_id = ?').all(index.id);
    const found = kept.map(
      ({ key, document: row }) => `${Buffer.from(key as Uint8Array).toString('hex')} ${String(row)}`,
    );
    expect(found.sort()).toEqual(wanted.sort());
    if (!index.counted) continue;
    const counts = store.db
      .prepare('SELECT key, entries AS n FROM index_counts WHERE index_id = ? ORDER BY key')
      .all(index.id);
    const counted = store.db
      .prepare('SELECT key, count(*) AS n FROM index_entries WHERE index_id = ? GROUP BY key ORDER BY key')
      .all(index.id);
    expect(counts).toEqual(counted);
  }
}

test('every plan gives what plain evaluation gives, page by page, and the entries are those of the documents', () => {
  const store = memoryStore();
  fc.assert(
    fc.property(world, ({ before, indexes, after, changes, filter, sort, limit }) => {
      store.db.exec(
        'DELETE FROM index_entries; DELETE FROM index_counts; DELETE FROM indexes; DELETE FROM documents; DELETE FROM collections;',
      );
      const collection = collectionFor(store.session(), namespace);
      const rows = new Map<number, Document>();
      const insert = (documents: readonly Document[]): void => {
        for (const one of documents) {
          const whole = { _id: rows.size + 1, ...one };
          const row = unlessRefused(() =>
            transaction(store.session(), (s) => insertRow(s, collection, whole)),
          );
          if (row !== undefined) rows.set(row, decode(encode(whole)));
        }
      };
      insert(before);
      for (const { key, unique } of indexes) {
        unlessRefused(() =>
          transaction(store.session(), (s) => createIndex(s, { ...namespace, key, unique })),
        );
      }
      insert(after);
      for (const change of changes) make(change, store, collection, rows);

      expectEntries(store, collection, rows);

      const matches = compileFilter(filter);
      const keys = sort && compileSortKeys(sort);
      const matching = [...rows].filter(([, one]) => matches(one)).sort(([a], [b]) => a - b);
      const expected = unlessRefused(() => {
        const placed = matching.map(([, one]) => ({ one, place: keys?.of(one) ?? [] }));
        return placed.sort((a, b) => keys?.compare(a.place, b.place) ?? 0).map(({ one }) => one);
      });
      const query: FindQuery = {
        ...namespace,
        filter,
        ...(sort && { sort }),
        skip: 0,
        limit,
        maxBytes: 1e9,
      };
      for (const plan of possiblePlans(store.session(), collection, {
        filter,
        sort,
        wanted: limit + 1,
      })) {
        const pages = (): Document[] => {
          const all: Document[] = [];
          for (let from: string | undefined, more = true; more; ) {
            const page = findBy(
              store.session(),
              collection,
              { ...query, ...(from && { after: from }) },
              plan,
            );
            all.push(...page.documents.map(decode));
            from = page.next;
            more = from !== undefined;
          }
          return all;
        };
        const found = unlessRefused(pages);
        const how = JSON.stringify(plan, (name, part) => (name === 'valuesOf' ? undefined : part));
        expect(found && text(found), how).toEqual(expected && text(expected));
      }
      const exact = exactPlan(store.session(), collection, { filter, wanted: Number.POSITIVE_INFINITY });
      if (exact) expect(countDocuments(store.session(), exact)).toBe(matching.length);
    }),
    { numRuns },
  );
});
