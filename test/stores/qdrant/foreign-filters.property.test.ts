// What the server is told of a filter on a collection that others fill leaves out none of the points that match.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { qdrantUrl } from '../../../scripts/servers/qdrant-collection.ts';
import { factsFilter } from '../../../src/stores/index/facts.ts';
import { createForeignPassages } from '../../../src/stores/qdrant/foreign.ts';
import { factsOfPoint, pointOf } from '../../../src/stores/qdrant/foreign-points.ts';
import { testCall } from '../../support/call.ts';
import { repetitions } from '../../support/repetitions.ts';
import { foreignCollection } from '../../support/servers/foreign-collection.ts';
import { hasQdrant, qdrantSkipReason } from '../../support/servers/qdrant.ts';

/** The front of the engine cannot be asked for truth values. */
const truths = qdrantUrl === undefined ? [] : [true];
const scalar = fc.constantFrom<unknown>('PEM', '', '5', 0, 1, 2.5, null, ...truths);
const flat = fc.oneof(
  { arbitrary: scalar, weight: 5 },
  { arbitrary: fc.array(scalar, { maxLength: 3 }), weight: 2 },
);
const nested = fc.dictionary(fc.constantFrom('b', 'c', '0'), flat, { maxKeys: 2 });
const lists = fc.array(fc.oneof(nested, nested, scalar, fc.array(scalar, { maxLength: 2 })), {
  maxLength: 3,
});
const value = fc.oneof(
  { arbitrary: flat, weight: 2 },
  { arbitrary: nested, weight: 2 },
  { arbitrary: lists, weight: 4 },
);
const metadata = fc.record(
  { kind: flat, a: value, title: flat, source: scalar, metadata: nested, 'd.x': scalar, 'two words': scalar },
  { requiredKeys: [] },
);
const paths = [
  'kind',
  'a',
  'a.b',
  'a.b',
  'a.b',
  'a.c',
  'a.b.c',
  'a.0',
  'metadata.kind',
  'metadata.a.b',
  'metadata',
];
const path = fc.constantFrom(
  ...paths,
  'title',
  'source',
  'document',
  'path',
  'type',
  'modified',
  'two words',
);
const date = { $date: '2024-05-06T07:08:09Z' };
const operand = fc.oneof(
  { arbitrary: scalar, weight: 6 },
  { arbitrary: value, weight: 1 },
  { arbitrary: fc.constantFrom<unknown>('m/1', 'm', '2', 'text', 'Title', date), weight: 1 },
);
const comparison = fc.constantFrom('$gt', '$gte', '$lt', '$lte');
const operators: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  fc.record({ $eq: operand }),
  fc.record({ $ne: operand }),
  fc.array(operand, { maxLength: 3 }).map(($in) => ({ $in })),
  fc.record({ $exists: fc.boolean() }),
  fc.tuple(comparison, fc.oneof(scalar, fc.constant(date))).map(([name, bound]) => ({ [name]: bound })),
  fc.tuple(scalar, scalar).map(([$gte, $lt]) => ({ $gte, $lt })),
  fc.record({ $size: fc.constantFrom(0, 1, 2) }),
);
const condition = fc.oneof(
  { arbitrary: operators, weight: 4 },
  { arbitrary: operators.map(($not) => ({ $not })), weight: 1 },
  { arbitrary: operand, weight: 2 },
);
const { filter } = fc.letrec<{ filter: Record<string, unknown> }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { arbitrary: fc.tuple(path, condition).map(([name, one]) => ({ [name]: one })), weight: 6 },
    {
      arbitrary: fc
        .tuple(
          fc.constantFrom('$and', '$or', '$nor'),
          fc.array(tie('filter'), { minLength: 1, maxLength: 3 }),
        )
        .map(([name, parts]) => ({ [name]: parts })),
      weight: 2,
    },
    { arbitrary: fc.tuple(tie('filter'), tie('filter')).map(([a, b]) => ({ ...a, ...b })), weight: 1 },
  ),
}));

const mappings = [
  { name: 'm', text: 'document', title: 'title', metadata: 'metadata' },
  { name: 'm', text: 'document', document: 'title', metadata: '' },
] as const;

describe.skipIf(!hasQdrant)(`filters on collections that others fill${qdrantSkipReason}`, () => {
  test('select the points whose payload matches', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(metadata, { minLength: 12, maxLength: 16 }),
        fc.array(filter, { minLength: 30, maxLength: 30 }),
        async (all, filters) => {
          const payloads = all.map((one, i) => ({ document: `text ${i}`, ...one, metadata: one }));
          const found = await foreignCollection(
            { size: 2, distance: 'Dot' },
            payloads.map((payload, i) => ({ id: i + 1, vector: [1, i], payload })),
          );
          for (const mapping of mappings) {
            const passages = createForeignPassages({ ...found, ...mapping, timeoutMs: 20_000 });
            for (const one of filters) {
              const text = JSON.stringify(one);
              const request = { vector: Float32Array.of(1, 0), limit: 100, filter: text };
              const ids = async () =>
                (await passages.nearest(request, testCall())).hits.map(({ document }) => document).sort();
              let matches: ReturnType<typeof factsFilter>;
              try {
                matches = factsFilter(text);
              } catch {
                await expect(ids(), text).rejects.toThrow();
                continue;
              }
              const points = payloads.map((payload, i) => pointOf(i + 1, payload, mapping));
              const wanted = points.filter((point) => matches(factsOfPoint(point, mapping)));
              expect({ filter: one, mapping, found: await ids() }).toEqual({
                filter: one,
                mapping,
                found: wanted.map(({ document }) => document).sort(),
              });
            }
          }
        },
      ),
      { numRuns: repetitions(3, 12), endOnFailure: true },
    );
  });
});
