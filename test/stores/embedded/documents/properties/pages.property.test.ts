import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileFilter, compileSortKeys, type Document, decode } from '../../../../../src/mql/index.ts';
import { findBy } from '../../../../../src/stores/embedded/documents/find.ts';
import { createIndex } from '../../../../../src/stores/embedded/documents/indexes/manage.ts';
import { possiblePlans } from '../../../../../src/stores/embedded/documents/plan/choose.ts';
import { collectionFor, insertRow, removeRow } from '../../../../../src/stores/embedded/documents/rows.ts';
import { repetitions } from '../../../../support/repetitions.ts';
import { directions, document, filter, sorting } from '../../../documents/properties/collections.ts';
import { memoryStore, transaction } from '../session.ts';

const numRuns = Number(process.env['PROPERTY_RUNS'] ?? repetitions(150, 500));
const namespace = { database: 'main', collection: 'things' };

/** What another process does between two pages: a new document, or one of those that may go, gone. */
const write = fc.oneof(
  fc.record({ add: document(true) }),
  fc.record({ remove: fc.nat(5) }),
  fc.record({ index: directions(2) }),
);

const reading = fc.record({
  staying: fc.array(document(true), { maxLength: 10 }),
  going: fc.array(document(true), { maxLength: 5 }),
  writes: fc.array(write, { maxLength: 12 }),
  index: directions(2),
  filter,
  sort: fc.option(sorting(2), { nil: undefined }),
  limit: fc.integer({ min: 1, max: 3 }),
  plans: fc.array(fc.nat(3), { minLength: 1, maxLength: 5 }),
});

test('pages give every document that stays once and in order, whatever is written between them and however each is read', () => {
  const store = memoryStore();
  fc.assert(
    fc.property(reading, ({ staying, going, writes, index, filter, sort, limit, plans }) => {
      store.db.exec(
        'DELETE FROM index_entries; DELETE FROM index_counts; DELETE FROM indexes; DELETE FROM documents; DELETE FROM collections;',
      );
      const collection = collectionFor(store.session(), namespace);
      let last = 0;
      const insert = (one: Document): { row: number; whole: Document } => {
        const whole = { _id: ++last, ...one };
        return { whole, row: transaction(store.session(), (s) => insertRow(s, collection, whole)) };
      };
      // Both kinds lie between each other in the order of insertion.
      const stays: Document[] = [];
      const goes: { row: number; whole: Document }[] = [];
      for (let i = 0; i < Math.max(staying.length, going.length); i++) {
        const [stay, go] = [staying[i], going[i]];
        if (stay) stays.push(insert(stay).whole);
        if (go) goes.push(insert(go));
      }
      createIndex(store.session(), { ...namespace, key: index, unique: false });

      const pending = [...writes];
      const disturb = (): void => {
        const next = pending.shift();
        if (!next) return;
        if ('add' in next) insert(next.add);
        else if ('index' in next) {
          createIndex(store.session(), { ...namespace, key: next.index, unique: false });
        } else {
          const [gone] = goes.splice(next.remove, 1);
          if (gone) transaction(store.session(), (s) => removeRow(s, collection, gone.row, gone.whole));
        }
      };
      const seen: unknown[] = [];
      for (let from: string | undefined, page = 0, more = true; more; page++) {
        const query = { ...namespace, filter, ...(sort && { sort }), skip: 0, limit, maxBytes: 1e9 };
        const possible = possiblePlans(store.session(), collection, { filter, sort, wanted: limit + 1 });
        const plan = possible[(plans[page % plans.length] ?? 0) % possible.length] ?? { kind: 'scan' };
        const answer = findBy(store.session(), collection, { ...query, ...(from && { after: from }) }, plan);
        seen.push(...answer.documents.map((bson) => decode(bson)['_id']));
        disturb();
        from = answer.next;
        more = from !== undefined;
      }

      const matching = stays.filter(compileFilter(filter));
      const keys = sort && compileSortKeys(sort);
      const expected = keys ? matching.toSorted((a, b) => keys.compare(keys.of(a), keys.of(b))) : matching;
      const ids = expected.map((one) => one['_id']);
      expect(seen.filter((id) => stays.some((one) => one['_id'] === id))).toEqual(ids);
      expect(new Set(seen).size).toBe(seen.length);
    }),
    { numRuns },
  );
});
