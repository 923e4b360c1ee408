import { expect, test } from 'vitest';
import type { SearchMode } from '../../../src/library/types.ts';
import { testCall } from '../../support/call.ts';
import {
  folderOf,
  openLibrary,
  sharedLibraryOf,
  sharedWordsOnly,
  smallLibrary,
  wordsOnly,
} from '../support.ts';

const byWords = sharedLibraryOf(smallLibrary, { embedding: { model: 'none' } });
const byMeaning = sharedLibraryOf(smallLibrary);
const emptied = sharedWordsOnly();

const question = (query: string, mode: SearchMode = 'hybrid') => ({ query, mode, limit: 5 });

test('a question in other words finds the passage', async () => {
  const library = byMeaning();

  const { hits, mode, notes, doubt } = await library.search(
    question('what warns people when a pipe is not tight'),
    testCall(),
  );

  expect(mode).toBe('hybrid');
  expect(doubt).toBe('No passage has a word of the question: these are the closest in meaning.');
  expect(notes).toEqual([]);
  expect(hits[0]).toMatchObject({
    document: 'docs/safety.md',
    title: 'Safety',
    heading: ['Safety', 'Leaks'],
  });
});

test('a passage with every word of the question is no doubtful answer, however far its meaning seems', async () => {
  const rows = [
    'Bestellnr;Datum;Kunde;Stadt;PLZ;Menge;Preis;Umsatz;Bezahlt',
    '0004;15.01.2026;Café Müller;Berlin;01067;200;0,85;170,00;ja',
    '0005;01.02.2026;Bistro Süß;Potsdam;14467;80;1,10;88,00;nein',
    '0006;28.02.2026;Hotel Große Freiheit;Hamburg;20359;2.000;0,70;1.400,00;ja',
  ];
  const library = await openLibrary();
  const files = { 'verkaeufe.csv': rows.join('\n'), 'rules.md': 'Wash your hands before work.' };
  await library.ingest([await folderOf(files)], testCall());
  const doubtOn = async (words: string) => (await library.search(question(words), testCall())).doubt;
  expect(await doubtOn('Freiheit Hotel')).toBeUndefined();
  expect(await doubtOn('Hotel quantum physics')).toMatch(/No close match/);
});

test('a hit says where it stands: headings and lines', async () => {
  const library = byWords();

  const { hits } = await library.search(question('salt domes'), testCall());

  expect(hits[0]).toMatchObject({
    document: 'docs/storage.md',
    heading: ['Storage', 'Caverns'],
    lines: [7, 7],
    text: 'Large amounts are stored underground in cavities washed out of salt domes.',
  });
});

test('inflected words, accents and capitals do not matter to keywords', async () => {
  const library = await emptied();
  await library.ingest([await folderOf({ 'a.md': 'The électrolysers of the CAFÉ use H₂O.' })], testCall());

  for (const query of ['electrolyser', 'cafe', 'h2o', 'ÉLECTROLYSERS']) {
    const { hits } = await library.search(question(query, 'keyword'), testCall());
    expect(hits, query).toHaveLength(1);
  }
});

test('the words of title and headings count as the passage’s own', async () => {
  const library = byWords();

  const { hits } = await library.search(question('caverns', 'keyword'), testCall());

  expect(hits[0]).toMatchObject({ heading: ['Storage', 'Caverns'] });
});

test('within limits the answer to documents whose id starts with it', async () => {
  const library = await openLibrary();
  const folder = await folderOf({
    'a/one.md': 'Hydrogen storage.',
    'b/two.md': 'Hydrogen storage in tanks.',
  });
  await library.ingest([folder], testCall());

  const { hits } = await library.search({ ...question('hydrogen storage'), within: 'docs/b/' }, testCall());

  expect(hits.map(({ document }) => document)).toEqual(['docs/b/two.md']);
});

test('copies of a passage are one hit, which names the others', async () => {
  const library = await emptied();
  const page = '# Valves\n\nTurn the valve slowly.\n';
  await library.ingest([await folderOf({ 'a.md': page, 'copy/a.md': page })], testCall());

  const { hits } = await library.search(question('valve'), testCall());

  expect(hits).toMatchObject([{ document: 'docs/a.md', alsoIn: ['docs/copy/a.md'] }]);
});

test('a keyword hit alone is worth at most 1, and the best one is', async () => {
  const library = byWords();

  const { hits } = await library.search(question('hydrogen electricity cost'), testCall());

  expect(hits[0]?.score).toBe(1);
});

test('an empty query is refused', async () => {
  const library = await emptied();

  await expect(library.search(question('  '), testCall())).rejects.toMatchObject({ code: 'bad_input' });
});

test('a query of words that nobody wrote finds nothing by keywords', async () => {
  const library = byWords();

  const { hits } = await library.search(question('zyxwv the of', 'keyword'), testCall());

  expect(hits).toEqual([]);
});

test('an empty library says how documents come in', async () => {
  const library = await emptied();

  const { hits, notes } = await library.search(question('hydrogen', 'keyword'), testCall());

  expect(hits).toEqual([]);
  expect(notes).toEqual([expect.stringMatching(/library is empty.*hydrogen ingest/)]);
});

test('removed text is found no more, and the statistics are those of what is left', async () => {
  const library = await emptied();
  const fresh = await wordsOnly();
  const kept = { 'a.md': 'hydrogen pipeline pressure', 'b.md': 'pipeline of natural gas in the ground' };
  const folder = await folderOf(kept);
  await fresh.ingest([folder], testCall());
  await library.ingest([folder], testCall());
  for (let i = 0; i < 40; i++) {
    const text = `pipeline ${'pressure '.repeat(i)}`;
    await library.add({ name: `${i}`, text, type: 'text', metadata: {} }, testCall());
  }
  for (let i = 0; i < 40; i++) await library.remove(`inline/${i}`, testCall());

  const scores = async (one: typeof library) => {
    const { hits } = await one.search(question('pressure pipeline hydrogen', 'keyword'), testCall());
    return hits.map(({ document, score }) => ({ document, score }));
  };

  expect(await scores(library)).toEqual(await scores(fresh));
});

test('without a model, search answers by keywords and says why', async () => {
  const library = await openLibrary({ embedding: { model: './no-such-model' } });
  await library.ingest([await folderOf(smallLibrary)], testCall());

  const { hits, mode, notes } = await library.search(question('steel bottles'), testCall());

  expect(hits[0]?.document).toBe('docs/storage.md');
  expect(mode).toBe('keyword');
  expect(notes.join(' ')).toMatch(/keyword only.*no embedding model "no-such-model".*embeddingModel/);
});

test('where no passage holds what is quoted, the answer says how others were found', async () => {
  const library = byMeaning();
  const notesOf = async (query: string, mode: SearchMode) =>
    (await library.search(question(query, mode), testCall())).notes;

  expect(await notesOf('"steel domes"', 'hybrid')).toEqual([
    'No passage has "steel domes" as written: these were found by words and meaning.',
  ]);
  expect(await notesOf('"qqzz wwxx"', 'hybrid')).toContain(
    'No passage has "qqzz wwxx" as written: these were found by meaning.',
  );
  expect(await notesOf('"steel domes" "salt bottles"', 'semantic')).toEqual([
    'No passage has "steel domes" and "salt bottles" together as written: these were found by meaning.',
  ]);
});

test('without a model, search by meaning is refused with what to do', async () => {
  const library = byWords();

  await expect(library.search(question('steel', 'semantic'), testCall())).rejects.toThrow(
    /^Semantic search is unavailable\. .*embeddingModel is "none".*mode "keyword"/,
  );
});

test('passages without a vector are found by keywords, and the answer says how many there are', async () => {
  const { join } = await import('node:path');
  const { temporaryDirectory } = await import('../../support/call.ts');
  const directory = await temporaryDirectory();
  const before = await wordsOnly({ directory });
  await before.ingest([await folderOf(smallLibrary)], testCall());

  const library = await openLibrary({ directory, embedding: { cacheDirectory: join(directory, 'models') } });
  const { hits, notes, isProvisional } = await library.search(question('steel bottles'), testCall());

  expect(hits[0]?.document).toBe('docs/storage.md');
  expect(notes).toEqual(['4 of 4 passages have no vector yet and were searched by keyword only.']);
  expect(isProvisional).toBe(true);
});

test('a cancelled search is an error, not an answer', async () => {
  const library = await openLibrary();
  const controller = new AbortController();
  controller.abort();

  await expect(library.search(question('x'), testCall({ signal: controller.signal }))).rejects.toMatchObject({
    code: 'cancelled',
  });
});

test('a heading as long as a book titles its document by its beginning', async () => {
  const library = await wordsOnly();
  await library.ingest(
    [await folderOf({ 'a.html': `<h1>${'salt cavern '.repeat(10_000)}</h1>` })],
    testCall(),
  );
  const { documents } = await library.list({ limit: 1 }, testCall());
  expect(documents[0]?.title.length).toBe(2_001);
});
