import { DatabaseSync } from 'node:sqlite';
import { Long } from 'bson';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { HydrogenError } from '../../../../../src/errors.ts';
import {
  compileFilter,
  compileSortKeys,
  type Document,
  decode,
  distinctValues,
  encode,
  aggregate as evaluate,
  stringifyExtendedJson,
} from '../../../../../src/mql/index.ts';
import { aggregate } from '../../../../../src/stores/embedded/documents/aggregate.ts';
import { count, distinct } from '../../../../../src/stores/embedded/documents/count.ts';
import { candidateRows } from '../../../../../src/stores/embedded/documents/pushdown/rows.ts';
import { scan } from '../../../../../src/stores/embedded/documents/pushdown/scan.ts';
import { topRows } from '../../../../../src/stores/embedded/documents/pushdown/top.ts';
import { collectionFor, insertRow } from '../../../../../src/stores/embedded/documents/rows.ts';
import { migrate } from '../../../../../src/stores/embedded/engine/migrate.ts';
import type { Session } from '../../../../../src/stores/embedded/engine/session.ts';
import { migrations } from '../../../../../src/stores/embedded/migrations.ts';
import { collectGarbage } from '../../../../support/garbage.ts';
import { repetitions } from '../../../../support/repetitions.ts';
import { document, filter, path, pipeline, sort } from '../../../documents/properties/mixed.ts';

/** Raised by `npm run properties`. */
const numRuns = Number(process.env['PROPERTY_RUNS'] ?? repetitions(150, 500));
const bounds = { limit: 10_000, maxBytes: 1e9 };
const things = { database: 'main', collection: 'things' };
const others = { database: 'main', collection: 'others' };

const db = new DatabaseSync(':memory:');
const memory = new Map<string, unknown>();
const session = (): Session => ({ db, memory, tick() {}, progress() {} });

/** The documents that are stored, by row. */
const stored = { things: new Map<number, Document>(), others: new Map<number, Document>() };
let id = 0;

beforeAll(() => {
  migrate(db, migrations);
  const fill = (namespace: typeof things, rows: Map<number, Document>, documents: Document[]): void => {
    const collection = collectionFor(session(), namespace);
    if (namespace === things) id = collection;
    documents.forEach((each, i) => {
      const whole = { _id: i % 7 === 0 ? Long.fromNumber(i) : i, ...each };
      rows.set(insertRow(session(), collection, whole), decode(encode(whole)));
    });
  };
  const big = { a: 'y'.repeat(40_000), b: 1, c: Array.from({ length: 70 }, (_, i) => ({ a: i })) };
  fill(things, stored.things, [...fc.sample(document, { numRuns: 100, seed: 7 }), big, { b: 2, pad: big.a }]);
  fill(others, stored.others, fc.sample(document, { numRuns: 20, seed: 8 }));
});

/**
 * Undefined for what is refused as invalid; such filters and pipelines are not the point. The limit of memory counts the
 * garbage of earlier cases, too, of which this process keeps more than a thread of the store: it is collected then.
 */
function unlessRefused<T>(work: () => T, isClean = false): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof HydrogenError && error.code === 'too_large' && !isClean) {
      collectGarbage();
      return unlessRefused(work, true);
    }
    if (error instanceof HydrogenError && ['bad_input', 'not_supported'].includes(error.code))
      return undefined;
    throw error;
  }
}

const lines = (documents: Iterable<Document>): string[] =>
  [...documents].map((each) => stringifyExtendedJson(each, { relaxed: false }));

test('SQL leaves out no document that matches, and calls none certain that does not', () => {
  fc.assert(
    fc.property(filter, (filter) => {
      const matches = unlessRefused(() => compileFilter(filter));
      fc.pre(matches !== undefined);
      const matching = [...stored.things].filter(([, each]) => matches(each)).map(([row]) => row);
      const candidates = [...candidateRows(session(), id, filter)];
      const kept = candidates.filter(({ certain, row }) => certain || matches(stored.things.get(row) ?? {}));
      expect(kept.map(({ row }) => row)).toEqual(matching);
      expect([...scan(session(), { collection: id, filter })].map(({ row }) => row)).toEqual(matching);
      expect(count(session(), { ...things, filter })).toBe(matching.length);
    }),
    { numRuns },
  );
});

test('the first documents of a sort are those of the whole sorted', () => {
  fc.assert(
    fc.property(filter, sort, fc.integer({ min: 1, max: 30 }), (filter, sort, wanted) => {
      const matches = unlessRefused(() => compileFilter(filter));
      fc.pre(matches !== undefined);
      const keys = compileSortKeys(sort);
      const expected = unlessRefused(() =>
        [...stored.things]
          .filter(([, each]) => matches(each))
          .map(([row, each]) => ({ row, keys: keys.of(each) }))
          .sort((a, b) => keys.compare(a.keys, b.keys) || a.row - b.row)
          .map(({ row }) => row),
      );
      const top = { collection: id, filter, sort, count: wanted, maxBytes: 1e9 };
      const first = unlessRefused(() => topRows(session(), top));
      expect(first?.map(({ row }) => row)).toEqual(expected?.slice(0, wanted));
      const half = first?.[Math.floor(first.length / 2)];
      if (half === undefined || expected === undefined) return;
      const rest = topRows(session(), { ...top, after: half }).map(({ row }) => row);
      const from = expected.indexOf(half.row) + 1;
      expect(rest).toEqual(expected.slice(from, from + wanted));
    }),
    { numRuns },
  );
});

test('a pipeline gives what it gives over all documents', () => {
  fc.assert(
    fc.property(pipeline, (pipeline) => {
      const now = new Date(0);
      const expected = unlessRefused(() =>
        lines(
          evaluate(pipeline, {
            input: () => stored.things.values(),
            collection: () => stored.others.values(),
            limits: { tick() {}, maxBytes: 1e9 },
            now,
          }),
        ),
      );
      const found = unlessRefused(() => aggregate(session(), { ...things, pipeline, ...bounds }));
      expect(found && lines(found.documents.map(decode))).toEqual(expected?.slice(0, bounds.limit));
    }),
    { numRuns },
  );
});

test('the distinct values of a path are those of all documents that match', () => {
  fc.assert(
    fc.property(path, filter, (key, filter) => {
      const matches = unlessRefused(() => compileFilter(filter));
      fc.pre(matches !== undefined);
      const expected = distinctValues([...stored.things.values()].filter(matches), key);
      const found = distinct(session(), { ...things, key, filter, ...bounds });
      expect(lines(found.documents.map(decode))).toEqual(lines(expected.map((value) => ({ value }))));
    }),
    { numRuns },
  );
});
