// A filter selects the same documents on Qdrant as in the embedded index, whether the server decides it or not.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NewDocument, Retriever, Selection } from '../../../src/stores/index/types.ts';
import { testCall } from '../../support/call.ts';
import { embeddedPorts } from '../../support/embedded-ports.ts';
import { repetitions } from '../../support/repetitions.ts';
import { hasQdrant, openQdrant, qdrantSkipReason } from '../../support/servers/qdrant.ts';
import { byWords, documentOf, documentsOf } from '../ports.ts';

const scalar = fc.constantFrom<unknown>(
  ...['PEM', 'SOEC', '', 'a.b', 'ä', '5', 'x'.repeat(300)],
  ...[0, 1, 5, -3, 2.5, 0.1, 1e300, { $numberLong: '9007199254740993' }, { $numberDouble: 'NaN' }],
  ...[true, false, null, { $date: '2024-05-06T07:08:09Z' }],
);
const flat = fc.oneof(
  { arbitrary: scalar, weight: 5 },
  { arbitrary: fc.array(scalar, { maxLength: 3 }), weight: 2 },
);
const nested = fc.dictionary(fc.constantFrom('b', 'c', '0'), flat, { maxKeys: 2 });
const value = fc.oneof(
  { arbitrary: flat, weight: 4 },
  { arbitrary: nested, weight: 1 },
  {
    arbitrary: fc.array(fc.oneof(nested, scalar, fc.array(scalar, { maxLength: 2 })), { maxLength: 3 }),
    weight: 1,
  },
);
const metadata = fc.dictionary(
  fc.constantFrom('kind', 'year', 'a', 'title', 'modified', 'metadata', 'd.x'),
  value,
  { maxKeys: 4 },
);

const path = fc.constantFrom(
  ...[
    'kind',
    'year',
    'a',
    'a.b',
    'a.c',
    'a.b.c',
    'a.0',
    'a.0.b',
    'metadata.kind',
    'metadata.a.b',
    'metadata.title',
  ],
  ...[
    'metadata',
    'metadata.metadata',
    'metadata.modified',
    'title',
    'document',
    'source',
    'path',
    'type',
    'none',
  ],
);
const ofDocument = fc.constantFrom('docs/1', 'docs', '1', 'text', 'Title', '');
const date = fc.constantFrom(
  ...[0, 1_000, 2_500, 9_999].map((ms) => ({ $date: new Date(ms).toISOString() })),
);
const operand = fc.oneof({ arbitrary: value, weight: 4 }, { arbitrary: ofDocument, weight: 1 });
const comparison = fc.constantFrom('$gt', '$gte', '$lt', '$lte');
const operators: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  fc.record({ $eq: operand }),
  fc.record({ $ne: operand }),
  fc.array(operand, { maxLength: 3 }).map(($in) => ({ $in })),
  fc.array(operand, { maxLength: 3 }).map(($nin) => ({ $nin })),
  fc.record({ $exists: fc.boolean() }),
  fc.tuple(comparison, fc.oneof(scalar, date)).map(([name, bound]) => ({ [name]: bound })),
  fc.tuple(scalar, scalar).map(([$gte, $lt]) => ({ $gte, $lt })),
  fc.record({ $size: fc.constantFrom(0, 1, 2) }),
  fc.record({ $regex: fc.constantFrom('^P', 'EM$') }),
  fc.record({ $type: fc.constantFrom('string', 'array', 'null') }),
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
          fc.constantFrom('modified', 'indexed_at'),
          fc.oneof(
            operators,
            date,
            operators.map(($not) => ({ $not })),
          ),
        )
        .map(([name, one]) => ({ [name]: one })),
      weight: 2,
    },
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

function documentsWith(all: readonly Record<string, unknown>[]): NewDocument[] {
  return all.map((one, i) =>
    documentOf(i % 3 === 0 ? `inline/${i}` : `docs/${i}`, ['common text', `number ${i}`], {
      title: i % 4 === 0 ? 'Title' : '',
      type: i % 2 === 0 ? 'text' : 'markdown',
      metadata: one,
      ...(i % 3 > 0 && {
        origin: { source: 'docs', path: String(i), modified: [0, 1_000, -2_500][i % 3] ?? 0, size: 1 },
      }),
    }),
  );
}

/** The documents that a selection leaves, or what is said of a filter that is none. */
async function selectedBy(retriever: Retriever, selection: Selection): Promise<unknown> {
  try {
    const found = await byWords(retriever, 'common', { selection, limit: 100 });
    const documents = await documentsOf(
      retriever,
      found.map(({ chunk }) => chunk),
    );
    const { documents: count } = await retriever.selected(selection, testCall());
    return { documents: documents.sort(), count };
  } catch (error) {
    return String(error);
  }
}

describe.skipIf(!hasQdrant)(`filters on Qdrant${qdrantSkipReason}`, () => {
  test('select the documents that they select in the embedded index', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(metadata, { minLength: 8, maxLength: 12 }),
        fc.array(filter, { minLength: 25, maxLength: 25 }),
        async (all, filters) => {
          const { retriever: embedded } = await embeddedPorts.retriever();
          const qdrant = await openQdrant();
          const documents = documentsWith(all);
          await Promise.all([embedded.upsert(documents, testCall()), qdrant.upsert(documents, testCall())]);
          for (const one of filters) {
            const selection = { filter: JSON.stringify(one) };
            const [wanted, found] = await Promise.all([
              selectedBy(embedded, selection),
              selectedBy(qdrant, selection),
            ]);
            expect({ filter: one, found }).toEqual({ filter: one, found: wanted });
          }
        },
      ),
      { numRuns: repetitions(3, 12), endOnFailure: true },
    );
  });

  test.each([
    ['docs/1', ['docs/1', 'docs/10']],
    ['docs/', ['docs/1', 'docs/10']],
    ['d', ['d', 'docs/1', 'docs/10', 'döcs/2']],
    ['dö', ['döcs/2']],
    ['x', []],
  ])('ids may begin with %s', async (within, wanted) => {
    const qdrant = await openQdrant();
    await qdrant.upsert(
      ['docs/1', 'docs/10', 'döcs/2', 'd', 'e'].map((id) => documentOf(id, ['common'])),
      testCall(),
    );
    expect(await selectedBy(qdrant, { within })).toEqual({ documents: wanted, count: wanted.length });
  });
});
