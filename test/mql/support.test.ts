import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { mongodbSupport } from '../../scripts/docs/mongodb.ts';
import { aggregate, DEFAULT_MAX_BYTES, type Document, refused, supportLimits } from '../../src/mql/index.ts';

const run = (stage: Document): Document[] => {
  const limits = { tick() {}, maxBytes: DEFAULT_MAX_BYTES };
  const input = () => [{ _id: 1, a: 'ab', n: 1 }];
  return [...aggregate([stage], { input, collection: () => [], limits, now: new Date() })];
};

test('docs/mongodb.md says what the code says', () => {
  expect(readFileSync(new URL('../../docs/mongodb.md', import.meta.url), 'utf8')).toBe(mongodbSupport());
});

describe('what the table says is refused is refused by its name', () => {
  const uses: { readonly [kind in keyof typeof refused]: (name: string) => Document } = {
    query: (name) => ({ $match: { a: { [name]: 1 } } }),
    stages: (name) => ({ [name]: {} }),
    accumulators: (name) => ({ $group: { _id: null, x: { [name]: {} } } }),
    expressions: (name) => ({ $project: { x: { [name]: {} } } }),
  };
  const all = Object.entries(refused).flatMap(([kind, names]) =>
    Object.keys(names).map((name) => [kind as keyof typeof refused, name] as const),
  );
  test.each(all)('%s: %s', (kind, name) => {
    expect(() => run(uses[kind](name))).toThrow(`${name} is not supported`);
  });

  test.each(supportLimits.map(({ what, example }) => [what, example] as const))('%s', (_what, example) => {
    expect(() => run({ ...example })).toThrow(/is not supported/);
  });
});
