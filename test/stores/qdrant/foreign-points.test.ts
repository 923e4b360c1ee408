// Which point of a collection that others fill an id names.
import { expect, test } from 'vitest';
import { createForeignPassages } from '../../../src/stores/qdrant/foreign.ts';
import { pointIn } from '../../../src/stores/qdrant/foreign-points.ts';
import { testCall } from '../../support/call.ts';
import { uuidOf } from '../../support/servers/foreign-collection.ts';

const mapping = { name: 'kb' };

test.each([
  ['kb/7', 7],
  [`kb/${uuidOf(7)}`, uuidOf(7)],
  ['kb/manual.pdf#7', 7],
  [`kb/manual.pdf#${uuidOf(7)}`, uuidOf(7)],
  ['kb/9007199254740991', 9_007_199_254_740_991],
  ['kb/9007199254740993', 9_007_199_254_740_993n],
  ['kb/18446744073709551615', 18_446_744_073_709_551_615n],
])('%s names one', (id, point) => {
  expect(pointIn(id, mapping)).toBe(point);
});

test.each(['kb/', 'kb/manual.pdf', 'other/7', 'kb/-7', 'kb/7.5', 'kb/18446744073709551616'])(
  '%s names none',
  (id) => {
    expect(pointIn(id, mapping)).toBeUndefined();
  },
);

test('a list does not begin anew after an id that names none', async () => {
  const settings = { url: 'http://127.0.0.1:1', collection: 'notes', timeoutMs: 1_000 };
  const passages = createForeignPassages({ ...settings, ...mapping, text: 'document', metadata: '' });
  await expect(passages.list({ after: 'kb/manual.pdf', limit: 2 }, testCall())).rejects.toMatchObject({
    code: 'bad_input',
    message: expect.stringMatching(/"kb".*cannot go on after "kb\/manual\.pdf"/),
  });
});
