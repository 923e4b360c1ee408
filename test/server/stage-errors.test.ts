import { expect, test } from 'vitest';
import { failure } from '../support/answers.ts';
import { clientOf, sharedApp } from '../support/connected.ts';

const sales = Array.from({ length: 5 }, (_, n) => ({
  _id: n,
  Umsatz: `${n + 100},00`,
  Datum: '01.12.2025',
  Menge: n,
}));
const app = sharedApp({ data: { sales } });

test.each<[string, unknown[], RegExp]>([
  [
    'a text that is no number',
    [{ $match: {} }, { $set: { u: { $toDouble: '$Umsatz' } } }],
    /^Stage 2 \(\$set\): \$toDouble: "100,00" is not a number\..*\$convert.*onError/,
  ],
  [
    'a text that is no date',
    [{ $group: { _id: { $year: '$Datum' } } }],
    /^Stage 1 \(\$group\): \$year needs a date, not string\..*\$dateFromString/,
  ],
])('an error over %s names its stage, and a way out', async (_what, pipeline, message) => {
  expect(await failure(await clientOf(app()), 'aggregate', { collection: 'sales', pipeline })).toMatch(
    message,
  );
});

test('an error in documents that an earlier stage gives is that of the earlier stage', async () => {
  const pipeline = [{ $set: { u: { $toInt: '$Umsatz' } } }, { $group: { _id: null, u: { $sum: '$u' } } }];
  expect(await failure(await clientOf(app()), 'aggregate', { collection: 'sales', pipeline })).toMatch(
    /^Stage 1 \(\$set\): \$toInt: "100,00" is not an integer\./,
  );
});

test('stages are counted from the first one that was written, also where the store answers that itself', async () => {
  const pipeline = [
    { $match: { Menge: { $gt: 0 } } },
    { $sort: { Menge: 1 } },
    { $set: { u: { $toInt: '$Umsatz' } } },
  ];
  expect(await failure(await clientOf(app()), 'aggregate', { collection: 'sales', pipeline })).toMatch(
    /^Stage 3 \(\$set\): /,
  );
});
