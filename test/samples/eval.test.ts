import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { body } from './prose.ts';

const samples = new URL('../../samples/', import.meta.url);
const cases = readFileSync(new URL('eval/queries.jsonl', samples), 'utf8')
  .trim()
  .split(/\r?\n/)
  .map((line) => JSON.parse(line) as { query: string; expect: string[] });

/** Words that carry no topic here; "hydrogen" is in every document. */
const COMMON = new Set(
  'a an and at can do for from is like of on that the to up using why with hydrogen'.split(' '),
);
/** Words cut to a stem of six letters, so that "losses" meets "loss" and "refilling" meets "refill". */
const stems = (text: string) =>
  new Set((text.toLowerCase().match(/[a-z]+/g) ?? []).filter((word) => !COMMON.has(word)).map(stem));
const stem = (word: string) => word.replace(/(?:ing|es|s|e)$/, '').slice(0, 6);

const document = (path: string) => readFileSync(new URL(path, samples), 'utf8');
const shared = ({ query, expect: paths }: (typeof cases)[number]) =>
  [...stems(query)].filter((word) => paths.some((path) => stems(body(document(path))).has(word)));

test('each query is asked once and names documents that exist', () => {
  expect(cases.length).toBeGreaterThanOrEqual(15);
  expect(new Set(cases.map(({ query }) => query)).size).toBe(cases.length);
  const missing = cases
    .flatMap(({ expect: paths }) => paths)
    .filter((path) => !existsSync(new URL(path, samples)));
  expect(missing).toEqual([]);
});

test('half of the queries share no word with the document they are after, so that only meaning finds it', () => {
  expect(cases.filter((one) => shared(one).length === 0).length * 2).toBeGreaterThanOrEqual(cases.length);
});
