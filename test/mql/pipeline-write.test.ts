import { Timestamp } from 'bson';
import { expect, test } from 'vitest';
import { aggregate, compilePipelineWrite, DEFAULT_MAX_BYTES, type Document } from '../../src/mql/index.ts';

/** What $merge makes of one result, with the document that is there or without one. */
function merged(spec: Document, result: Document, existing?: Document): Document | undefined {
  const { write } = compilePipelineWrite([{ $merge: { into: 'c', ...spec } }]);
  if (write.kind !== 'merge') throw new Error('not a merge');
  return existing === undefined ? write.unmatched(result) : write.matched(existing, result);
}

const existing = { _id: 1, a: 1, b: 1 };
const result = { _id: 1, b: 2, c: 2 };

test.each<[string, Document, Document | undefined]>([
  ['merge, the default', {}, { _id: 1, a: 1, b: 2, c: 2 }],
  ['replace', { whenMatched: 'replace' }, { _id: 1, b: 2, c: 2 }],
  ['keepExisting', { whenMatched: 'keepExisting' }, undefined],
  [
    'a pipeline with $$new',
    { whenMatched: [{ $set: { b: { $add: ['$b', '$$new.b'] } } }] },
    { _id: 1, a: 1, b: 3 },
  ],
  [
    'a pipeline with let',
    { let: { x: '$c' }, whenMatched: [{ $set: { a: '$$x' } }] },
    { _id: 1, a: 2, b: 1 },
  ],
])('whenMatched: %s', (_name, spec, expected) => {
  expect(merged(spec, result, existing)).toEqual(expected);
});

test('whenMatched and whenNotMatched may fail', () => {
  expect(() => merged({ whenMatched: 'fail' }, result, existing)).toThrow(/"fail"/);
  expect(() => merged({ whenNotMatched: 'fail' }, result)).toThrow(/no document/);
});

test('a result without a counterpart is inserted, or discarded', () => {
  expect(merged({}, result)).toEqual(result);
  expect(merged({ whenNotMatched: 'discard' }, result)).toBeUndefined();
});

test('documents are found by other fields than _id', () => {
  const { write } = compilePipelineWrite([{ $merge: { into: { db: 'x', coll: 'c' }, on: ['k', 'n.m'] } }]);
  expect(write).toMatchObject({ database: 'x', collection: 'c', on: ['k', 'n.m'] });
  if (write.kind !== 'merge') throw new Error('not a merge');
  expect(write.match({ k: 1, n: { m: 2 } })).toEqual({ k: 1, 'n.m': 2 });
  expect(write.match({ k: 1 })).toEqual({ k: 1, 'n.m': null });
  expect(() => write.match({ k: [1], n: { m: 2 } })).toThrow(/is an array/);
});

test('a changed _id is refused', () => {
  expect(() => merged({ on: 'k', whenMatched: 'replace' }, { _id: 2, k: 1 }, { _id: 1, k: 1 })).toThrow(
    /_id/,
  );
});

test.each<[string, Document[]]>([
  ['no stage that writes', [{ $match: {} }]],
  ['$out without a name', [{ $out: '' }]],
  ['$merge without a target', [{ $merge: { on: '_id' } }]],
  ['an unknown mode', [{ $merge: { into: 'c', whenMatched: 'foo' } }]],
  ['let without a pipeline', [{ $merge: { into: 'c', let: { x: 1 } } }]],
  ['a stage that cannot update', [{ $merge: { into: 'c', whenMatched: [{ $group: { _id: 1 } }] } }]],
  ['a time series', [{ $out: { db: 'd', coll: 'c', timeseries: { timeField: 't' } } }]],
])('%s is an error', (_name, pipeline) => {
  expect(() => compilePipelineWrite(pipeline)).toThrow();
});

test('where only is read, the stages are refused by name', () => {
  const limits = { tick() {}, maxBytes: DEFAULT_MAX_BYTES };
  for (const stage of [{ $out: 'c' }, { $merge: 'c' }]) {
    const context = { input: () => [], collection: () => [], limits, now: new Date() };
    expect(() => aggregate([stage], context)).toThrow(/is not supported/);
  }
});

test('$merge fills empty timestamps, whether it inserts or changes', () => {
  const empty = new Timestamp({ t: 0, i: 0 });
  const stamped = { _id: 1, t: empty };
  const modes: Document[] = [{}, { whenMatched: 'replace' }, { whenMatched: [{ $set: { t: '$$new.t' } }] }];
  for (const spec of modes) {
    expect(merged(spec, stamped)?.['t']).not.toEqual(empty);
    expect(merged(spec, stamped, existing)?.['t']).not.toEqual(empty);
  }
});

test('a variable of $merge without a value is not defined, one that is null is', () => {
  const spec = (x: unknown): Document => ({ let: { x }, whenMatched: [{ $set: { a: '$$x' } }] });
  expect(() => merged(spec('$none'), result, existing)).toThrow(/no variable \$\$x/);
  expect(merged(spec(null), result, existing)).toEqual({ _id: 1, a: null, b: 1 });
});

test.each(['admin', 'config', 'local'])('$merge does not write into the database %s', (db) => {
  expect(() => merged({ into: { db, coll: 'c' } }, result)).toThrow(/MongoDB's own/);
});
