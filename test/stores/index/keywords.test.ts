import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EmbeddedIndex } from '../../../src/stores/embedded/index/search-index.ts';
import { analyse, analyseQueryWords } from '../../../src/stores/index/analyser.ts';
import { testCall } from '../../support/call.ts';
import { repetitions } from '../../support/repetitions.ts';
import { byWords } from '../ports.ts';
import { documentOf, openIndex } from './support.ts';

async function scores(index: EmbeddedIndex, query: string): Promise<Record<string, number>> {
  const found = await byWords(index, query, { limit: 1_000 });
  const passages = await index.fetch(
    found.map(({ chunk }) => chunk),
    testCall(),
  );
  return Object.fromEntries(passages.map(({ document }, i) => [document, found[i]?.score ?? 0]));
}

test('the score is Lucene’s BM25, as computed by hand', async () => {
  const index = await openIndex();
  await index.upsert(
    [documentOf('a', 'cat dog'), documentOf('b', 'cat cat cat bird'), documentOf('c', 'fish bird horse')],
    testCall(),
  );

  // N = 3, average length 3. "cat" stands in 2: idf = ln(1 + (3 - 2 + .5) / (2 + .5)) = ln 1.6.
  // a: 1 / (1 + 1.2 (.25 + .75 · 2/3)) = 1/1.9; b: 3 / (3 + 1.2 (.25 + .75 · 4/3)) = 3/4.5.
  const found = await scores(index, 'cat');

  expect(Object.keys(found)).toEqual(['b', 'a']);
  expect(found['a']).toBeCloseTo(Math.log(1.6) / 1.9, 12);
  expect(found['b']).toBeCloseTo((Math.log(1.6) * 3) / 4.5, 12);
});

test('words are stemmed, in lower case, without diacritics and stop words', () => {
  expect(analyse('The Electrolysers’ élan: it’s 3 running H₂-tanks, and Gas_Flow')).toEqual([
    'electrolys',
    'elan',
    '3',
    'run',
    'h2',
    'tank',
    'gas',
    'flow',
  ]);
});

test('a name in a program is found by the words it is made of, and as it stands', () => {
  expect(analyse('readFile HTTPServer utf8Decoder')).toEqual([
    ...['readfil', 'read', 'file'],
    ...['httpserver', 'http', 'server'],
    ...['utf8decod', 'utf8', 'decod'],
  ]);
});

test('the words that a question is asked with do not count, unless there are no others', () => {
  const words = (query: string) => analyseQueryWords(query, []).map(({ terms }) => terms[0]);
  expect(words('How should we store hydrogen?')).toEqual(['store', 'hydrogen']);
  expect(words('Who am I?')).toEqual(['who', 'am', 'i']);
});

test('units, formulas and acronyms stay whole', () => {
  expect(analyse('kWh NaCl H2O LLMs pH')).toEqual(['kwh', 'nacl', 'h2o', 'llms', 'ph']);
});

test('text without spaces between words counts by pairs of its characters', () => {
  expect(analyse('水素を貯蔵 of 수소는 水')).toEqual([
    '水素',
    '素を',
    'を貯',
    '貯蔵',
    '蔵',
    '수소',
    '소는',
    '는',
    '水',
  ]);
});

test('words and phrases of Japanese and Korean are found inside a sentence', async () => {
  const index = await openIndex();
  await index.upsert(
    [
      documentOf('storage', '水素は合金に貯蔵される。'),
      documentOf('cost', '電気の価格が高い。'),
      documentOf('korean', '수소는 동굴에 저장된다.'),
    ],
    testCall(),
  );

  expect(Object.keys(await scores(index, '水素の貯蔵'))).toEqual(['storage']);
  expect(Object.keys(await scores(index, '"貯蔵される"'))).toEqual(['storage']);
  expect(Object.keys(await scores(index, '"貯蔵した"'))).toEqual([]);
  expect(Object.keys(await scores(index, '수소를'))).toEqual(['korean']);
  expect(Object.keys(await scores(index, '合金に貯*'))).toEqual(['storage']);
});

/** BM25 by its formula, over all documents at once. */
function bm25(documents: ReadonlyMap<string, string>, query: string): Record<string, number> {
  const terms = new Map([...documents].map(([id, text]) => [id, analyse(text)]));
  const n = terms.size;
  const average = [...terms.values()].reduce((sum, { length }) => sum + length, 0) / n;
  const found: Record<string, number> = {};
  for (const term of analyse(query)) {
    const df = [...terms.values()].filter((one) => one.includes(term)).length;
    const idf = Math.log(1 + (n - df + 0.5) / (df + 0.5));
    for (const [id, one] of terms) {
      const tf = one.filter((other) => other === term).length;
      if (tf === 0) continue;
      found[id] = (found[id] ?? 0) + (idf * tf) / (tf + 1.2 * (0.25 + (0.75 * one.length) / average));
    }
  }
  return found;
}

test('scores stay exact through any history of additions, changes and removals', {
  timeout: 60_000,
}, async () => {
  const word = fc.constantFrom('alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta');
  const text = fc.array(word, { maxLength: 8 }).map((words) => words.join(' '));
  const step = fc.record({ id: fc.integer({ min: 0, max: 9 }).map(String), text: fc.option(text) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
      const index = await openIndex();
      const documents = new Map<string, string>();
      for (const [i, { id, text: content }] of steps.entries()) {
        if (content === null) {
          await index.remove([id], testCall());
          documents.delete(id);
        } else {
          await index.upsert([documentOf(id, content)], testCall());
          documents.set(id, content);
        }
        if (i % 13 !== 0 && i !== steps.length - 1) continue;
        const [actual, expected] = [
          await scores(index, 'alpha beta beta zeta'),
          bm25(documents, 'alpha beta beta zeta'),
        ];
        expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
        for (const [one, score] of Object.entries(expected)) expect(actual[one]).toBeCloseTo(score, 9);
      }
    }),
    { numRuns: repetitions(3, 8) },
  );
});

test('hundreds of small additions leave every word findable', { timeout: 60_000 }, async () => {
  const index = await openIndex();
  const count = repetitions(300, 1_000);
  for (let i = 0; i < count; i++) await index.upsert([documentOf(`d${i}`, `number${i} common`)], testCall());

  for (const i of [0, 1, 7, 8, 63, 64, 255, 256, 511, 512, count - 1].filter((one) => one < count)) {
    expect(Object.keys(await scores(index, `number${i}`))).toEqual([`d${i}`]);
  }
  expect(await byWords(index, 'common', { limit: 2_000 })).toHaveLength(count);
});
