import { expect, test } from 'vitest';
import type { SearchRequest } from '../../../src/library/types.ts';
import { testCall } from '../../support/call.ts';
import { folderOf, openLibrary, sharedLibraryOf, sharedWordsOnly, smallLibrary } from '../support.ts';

const byMeaning = sharedLibraryOf(smallLibrary);
const emptied = sharedWordsOnly();

const words = (query: string, more: Partial<SearchRequest> = {}): SearchRequest => ({
  query,
  mode: 'keyword',
  limit: 10,
  ...more,
});

/** Searches in some files: the names of those that are found. */
async function searchIn(
  files: Readonly<Record<string, string>>,
): Promise<(query: string, more?: Partial<SearchRequest>) => Promise<string[]>> {
  const library = await emptied();
  await library.ingest([await folderOf(files)], testCall());
  return async (query, more = {}) => {
    const { hits } = await library.search(words(query, more), testCall());
    return hits.map(({ document }) => document.replace('docs/', '')).sort();
  };
}

const tanks = {
  'a.md': 'The pressure tank is made of steel.',
  'b.md': 'A tank under pressure must be tested.',
  'c.md': 'Pressure\nTanks are tested; the pressure of the tank is written down.',
  'd.md': 'One high-pressure-tank stands outside.',
};

test('words between quotation marks must follow one another', async () => {
  const found = await searchIn(tanks);
  const cases: readonly [string, string[]][] = [
    ['"pressure tank"', ['a.md', 'd.md']],
    ['"Pressure TANK" steel', ['a.md', 'd.md']],
    ['"pressure tanks"', ['c.md']],
    ['"the tank is written"', ['c.md']],
    ['"pressure tank" "stands outside"', ['d.md']],
  ];
  for (const [query, expected] of cases) expect(await found(query), query).toEqual(expected);
});

test('a quotation that nobody wrote falls back to its words, and the answer says so', async () => {
  const library = await emptied();
  await library.ingest([await folderOf(tanks)], testCall());

  const { hits, notes } = await library.search(words('"tank of pressure"'), testCall());

  expect(hits).toHaveLength(4);
  expect(notes).toEqual([expect.stringMatching(/No passage has "tank of pressure"/)]);
});

test('a quotation of words that are not indexed is refused with what to do', async () => {
  const library = await emptied();

  await expect(library.search(words('"to be or not"'), testCall())).rejects.toThrow(/add one that is/);
});

test('a beginning of a word finds every word that begins so', async () => {
  const found = await searchIn({
    'a.md': 'Electrolysers run.',
    'b.md': 'The electrolyte is warm.',
    'c.md': 'An electric car is stored.',
  });
  const cases: readonly [string, string[]][] = [
    ['electroly*', ['a.md', 'b.md']],
    ['electrolys*', ['a.md']],
    ['electrolyser*', ['a.md']],
    ['electrolyte*', ['b.md']],
    ['storing*', ['c.md']],
    ['zyx*', []],
  ];
  for (const [query, expected] of cases) expect(await found(query), query).toEqual(expected);
});

const plants = {
  'north/one.md':
    '---\ntitle: One\ncountry: Norway\nmegawatts: 20\nreviewed: 2026-03-01\n---\nA hydrogen plant.',
  'north/two.md':
    '---\ntitle: Two\ncountry: Sweden\nmegawatts: 5\nreviewed: 2025-01-10\n---\nA hydrogen plant in Sweden.',
  'south/three.txt': 'A hydrogen plant without front matter.',
};

test('only documents that match the filter are searched', async () => {
  const found = await searchIn(plants);
  const cases: readonly [Record<string, unknown>, string[]][] = [
    [{ country: 'Norway' }, ['north/one.md']],
    [{ 'metadata.country': { $in: ['Norway', 'Sweden'] } }, ['north/one.md', 'north/two.md']],
    [{ megawatts: { $gte: 10 } }, ['north/one.md']],
    [{ reviewed: { $gte: '2026-01-01' } }, ['north/one.md']],
    [{ type: 'text' }, ['south/three.txt']],
    [{ path: { $regex: '^north/' } }, ['north/one.md', 'north/two.md']],
    [{ source: 'docs', title: 'Two' }, ['north/two.md']],
    [{ document: 'docs/north/two.md' }, ['north/two.md']],
    [{ $or: [{ country: 'Sweden' }, { country: { $exists: false } }] }, ['north/two.md', 'south/three.txt']],
    [{ indexed_at: { $gt: new Date(0) } }, ['north/one.md', 'north/two.md', 'south/three.txt']],
    [{ modified: { $lt: new Date(0) } }, []],
  ];
  for (const [filter, expected] of cases) {
    expect(await found('hydrogen plant', { filter }), JSON.stringify(filter)).toEqual(expected);
  }
});

test('a narrow filter finds what is far down the list', async () => {
  const library = await openLibrary();
  const many = Object.fromEntries(
    Array.from({ length: 150 }, (_, i) => [`${i}.md`, `Hydrogen hydrogen is kept in tank number ${i}.`]),
  );
  const rare = '---\nkind: rare\n---\nA long text about ferries, in which hydrogen is a fuel of many.';
  await library.ingest([await folderOf({ ...many, 'rare.md': rare })], testCall());

  for (const mode of ['keyword', 'semantic', 'hybrid'] as const) {
    const { hits } = await library.search(
      { query: 'hydrogen tank', mode, limit: 3, filter: { kind: 'rare' } },
      testCall(),
    );
    expect(
      hits.map(({ document }) => document),
      mode,
    ).toEqual(['docs/rare.md']);
  }
});

test('a filter sees a document that has changed since', async () => {
  const library = await emptied();
  const add = (kind: string) =>
    library.add({ name: 'a', text: 'hydrogen', type: 'text', metadata: { kind } }, testCall());
  const count = async (kind: string): Promise<number> =>
    (await library.search(words('hydrogen', { filter: { kind } }), testCall())).hits.length;
  await add('old');
  expect([await count('old'), await count('new')]).toEqual([1, 0]);
  await add('new');

  expect([await count('old'), await count('new')]).toEqual([0, 1]);
});

test('a filter on a field that no document has says so and offers a near one', async () => {
  const library = await emptied();
  await library.ingest([await folderOf(plants)], testCall());

  const { notes } = await library.search(words('hydrogen', { filter: { contry: 'Norway' } }), testCall());

  expect(notes).toEqual([expect.stringMatching(/No document matches.*"contry".*"country"/)]);
});

test('a filter for a type that no document has offers the near one, or those there are', async () => {
  const library = await emptied();
  await library.ingest([await folderOf(plants)], testCall());
  const asked = async (filter: Record<string, unknown>) =>
    (await library.search(words('hydrogen', { filter }), testCall())).notes;

  expect(await asked({ type: 'Markdown' })).toEqual([
    'No document matches the filter. None has the type "Markdown": did you mean "markdown"?',
  ]);
  expect(await asked({ $and: [{ type: { $in: ['DOCX'] } }] })).toEqual([
    'No document matches the filter. None has the type "DOCX": there is "markdown", "text".',
  ]);
  expect(await asked({ type: 'markdown', country: 'x' })).toEqual(['No document matches the filter.']);
});

test('a filter that compares a date with text says how dates are written', async () => {
  const library = await emptied();
  await library.ingest([await folderOf(smallLibrary)], testCall());
  const asked = async (filter: Record<string, unknown>) =>
    library.search({ query: 'hydrogen', mode: 'keyword', limit: 3, filter }, testCall());

  const text = await asked({ $and: [{ modified: { $gte: '2000-01-01' } }] });
  const date = await asked({ modified: { $gte: new Date('2000-01-01') } });

  expect(text.hits).toEqual([]);
  expect(text.notes.join(' ')).toMatch(/No document matches the filter.*"\$date"/);
  expect(date.hits).not.toEqual([]);
});

test('a filter that is not valid is refused', async () => {
  const library = await emptied();
  await library.ingest([await folderOf(plants)], testCall());

  await expect(
    library.search(words('hydrogen', { filter: { country: { $nearly: 'Norway' } } }), testCall()),
  ).rejects.toMatchObject({ code: expect.stringMatching(/bad_input|not_supported/) });
});

test('passages that are not near enough are left out, and an empty answer says how near the nearest is', async () => {
  const library = byMeaning();
  const ask = (minSimilarity: number) =>
    library.search({ query: 'underground storage', mode: 'hybrid', limit: 5, minSimilarity }, testCall());

  const { hits } = await ask(0.3);
  expect(hits.length).toBeGreaterThan(0);
  for (const { similarity } of hits) expect(similarity).toBeGreaterThanOrEqual(0.3);
  expect(await ask(0.99)).toMatchObject({ hits: [], notes: [expect.stringMatching(/nearest passage has/)] });
});

const long = (topic: string, count: number): string =>
  Array.from({ length: count }, (_, i) => `## Part ${i}\n\nThe valve of ${topic} number ${i} leaks.\n`).join(
    '\n',
  );

test('within one document all its passages may be shown', async () => {
  const found = await searchIn({ 'a.md': long('pumps', 8) });
  expect(await found('valve', { limit: 6 })).toHaveLength(6);
});

test.each<[string, string, string]>([
  ['a number', 'vessel B 12 at 5 bar', 'vessel B 13 at 5 bar'],
  ['a sign', 'stored at -5 degrees', 'stored at 5 degrees'],
  ['the order of an address', 'controller 10.0.1.2', 'controller 10.0.2.1'],
  ['a word', 'opened by the fitter', 'closed by the fitter'],
])('passages that differ in %s are no copies of each other', async (_what, a, b) => {
  const text = (what: string): string =>
    `The operator inspects the valve by hand before the yearly inspection of the plant: ${what}, and writes it down.`;
  const found = await searchIn({ 'a.md': text(a), 'b.md': text(b) });
  expect(await found('valve inspection')).toHaveLength(2);
});

test('passages that differ in how they are laid out are one hit', async () => {
  const found = await searchIn({
    'a.md': 'The valve is **closed** by hand before the “yearly” inspection.',
    'b.txt': 'The valve is closed by hand\nbefore the "yearly" inspection.',
  });
  expect(await found('valve inspection')).toHaveLength(1);
});

test('a score is explained when asked', async () => {
  const library = byMeaning();

  const { hits } = await library.search(
    { query: 'steel bottles', mode: 'hybrid', limit: 1, explain: true },
    testCall(),
  );

  const [hit] = hits;
  expect(hit?.parts).toMatchObject({ wordRank: 1, meaningRank: 1 });
  const { bm25 = 0, bestBm25 = 1, weights = { words: 0, meaning: 0 } } = hit?.parts ?? {};
  const words = weights.words * (bm25 / bestBm25) ** 1.5;
  expect(words + weights.meaning * (hit?.similarity ?? 0)).toBeCloseTo(hit?.score ?? 0, 9);
});

test('a long passage is cut to the sentences that have most to do with the question', async () => {
  const library = await emptied();
  const filler = 'Nothing of interest happens here on most days of the year. '.repeat(8);
  await library.ingest([await folderOf({ 'a.md': `${filler}The valve leaks. ${filler}` })], testCall());

  const { hits } = await library.search(words('valve', { textLength: 200 }), testCall());

  expect(hits[0]?.text).toMatch(/^… .*The valve leaks\..* …$/);
  expect(hits[0]?.text.length).toBeLessThan(230);
});
