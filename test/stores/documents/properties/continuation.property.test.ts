// A server continues a page by a filter that must never leave out what lies behind the position; our own
// engine, which is exact, judges it on documents of mixed types.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileFilter, compileProjection, type Document, encode } from '../../../../src/mql/index.ts';
import { afterFilter, continuationOf } from '../../../../src/stores/documents/mongodb/continuation.ts';
import { shareProjection } from '../../../../src/stores/documents/mongodb/projection.ts';
import { values } from '../../../mql/arbitraries.ts';
import { repetitions } from '../../../support/repetitions.ts';

const numRuns = Number(process.env['PROPERTY_RUNS'] ?? repetitions(150, 500));

const small = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(1, 2, 'x', null, true, [], [1, 'y'], [2, null]) },
  { weight: 1, arbitrary: values },
);
const single = small.filter((value) => !Array.isArray(value));
const nested = fc.oneof(
  small,
  fc.record({ b: single, c: single }, { requiredKeys: [] }),
  fc.array(fc.oneof(fc.record({ b: single, c: single }, { requiredKeys: [] }), fc.constantFrom(1, {})), {
    maxLength: 3,
  }),
);
const document = fc.record({ v: small, a: nested, w: single }, { requiredKeys: [] });
const documents = fc
  .array(document, { minLength: 2, maxLength: 8 })
  .map((all) => all.map((one, _id): Document => ({ _id, ...one })));
const direction = fc.constantFrom(1, -1);
/** Fields that may be lists of one document are not sorted by together: MongoDB refuses that. */
const sort = fc
  .tuple(
    fc.shuffledSubarray(['v', 'w']),
    fc.shuffledSubarray(['a.b', 'a.c', 'w']),
    fc.constantFrom(['a'], []),
    fc.nat(2),
    fc.array(direction, { minLength: 3, maxLength: 3 }),
  )
  .map(([plain, inside, whole, which, ways]): Document => {
    const paths = [plain, inside, whole][which] ?? [];
    return Object.fromEntries(paths.map((path, i) => [path, ways[i] ?? 1]));
  });

test('what lies behind a position passes the filter that continues there', () => {
  const property = fc.property(documents, sort, fc.nat(), (all, by, chosen) => {
    const order = continuationOf(by);
    const from = order.keys.of(all[chosen % all.length] ?? {});
    const passes = compileFilter(afterFilter(from, order));
    for (const one of all) {
      if (order.keys.compare(order.keys.of(one), from) > 0)
        expect(passes(one), JSON.stringify(one)).toBe(true);
    }
  });
  fc.assert(property, { numRuns });
});

test('of single values of the usual types the filter leaves out everything before', () => {
  const usual = fc.constantFrom(1, 2, 2.5, 'x', 'y', true, false, new Date(0), new Date(1), null);
  const rows = fc
    .array(usual, { minLength: 2, maxLength: 8 })
    .map((all) => all.map((v, _id): Document => ({ _id, v })));
  const property = fc.property(rows, direction, fc.nat(), (all, way, chosen) => {
    const order = continuationOf({ v: way });
    const from = order.keys.of(all[chosen % all.length] ?? {});
    const passes = compileFilter(afterFilter(from, order));
    for (const one of all) expect(passes(one)).toBe(order.keys.compare(order.keys.of(one), from) > 0);
  });
  fc.assert(property, { numRuns });
});

test('a projection that is shared with the server gives what the server alone would', () => {
  const paths = fc.uniqueArray(fc.constantFrom('v', 'w', 'a', 'a.b', 'a.c'), { minLength: 1, maxLength: 3 });
  const projection = fc
    .tuple(paths, fc.constantFrom(0, 1), fc.constantFrom(undefined, 0, 1))
    .filter(([all]) => !all.some((one) => all.some((other) => other !== one && one.startsWith(`${other}.`))))
    .filter(([, flag, id]) => flag === 1 || id !== 1)
    .map(
      ([all, flag, id]): Document => ({
        ...(id !== undefined && { _id: id }),
        ...Object.fromEntries(all.map((path) => [path, flag])),
      }),
    );
  const property = fc.property(documents, projection, sort, (all, given, by) => {
    const sorted = Object.keys(continuationOf(by).sort);
    const shared = shareProjection(given, sorted);
    const server = shared.projection ? compileProjection(shared.projection, {}) : (one: Document) => one;
    const alone = compileProjection(given, {});
    const order = continuationOf(by);
    for (const one of all) {
      const arrived = server(one);
      expect(encode(shared.finish(arrived))).toEqual(encode(alone(one)));
      expect(order.keys.compare(order.keys.of(arrived), order.keys.of(one))).toBe(0);
    }
  });
  fc.assert(property, { numRuns });
});
