// A library whose documents are in one store and whose passages are in another.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { Library } from '../../src/library/types.ts';
import { withPassagesIn } from '../../src/stores/index/passages-elsewhere.ts';
import type { DocumentCatalog, Retriever } from '../../src/stores/index/types.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { embeddedPorts } from '../support/embedded-ports.ts';
import { pdf } from '../support/files/pdf.ts';
import { folderOf, openLibrary, smallLibrary, wordsOnly, writeFiles } from './support.ts';

const line = (text: string) => ({ text, y: 700 });

const files = {
  ...smallLibrary,
  'two.pdf': pdf([[line('The first page.')], [line('Another one, on pipes.')]]),
};

async function answers(library: Library, folder: string) {
  const call = testCall();
  // When it returns, all passages have vectors. Those of the note come later in both libraries: what a quantized model
  // makes of a text depends a little on the others of its batch.
  await library.ingest([folder], call);
  await library.add({ name: 'note', text: 'Pipes rust.', type: 'text', metadata: {} }, call);
  const { chunks, pending } = await library.ingest([folder], call);
  await writeFiles(folder, { 'cost.txt': 'Steel makes up most of the cost of bottles.\n' });
  const questions = ['what warns of a leak', '"salt domes"', 'electr*', 'bottles of steel'];
  const found = await Promise.all(
    questions.map((query) => library.search({ query, mode: 'hybrid', limit: 5 }, call)),
  );
  const again = await library.ingest([folder], call);
  const sources = await library.sources(call);
  return {
    ...{ chunks, pending },
    found: found.map(({ hits, notes }) => ({ hits, notes })),
    again: { changed: again.changed, unchanged: again.unchanged, embedded: again.embedded },
    sources: sources.map(({ indexedAt, ...source }) => source),
    page: await library.get('docs/two.pdf', { page: 2, maxBytes: 1_000 }, call).then(({ text }) => text),
    similar: await library.similar('docs/storage.md', { limit: 3 }, call),
    removed: await library.removeSource('docs', call),
    left: await library.status(call).then(({ documents }) => documents),
  };
}

test('it answers like one that has all in one store', async () => {
  const [one, other] = await Promise.all([folderOf(files), folderOf(files)]);
  const inOne = await answers(await openLibrary(), one);
  const apart = await answers(await openLibrary({ ports: await embeddedPorts.apart() }), other);
  expect(inOne.found.map(({ hits }) => hits.length)).not.toContain(0);
  expect(apart).toEqual(inOne);
});

/** Where a write may be interrupted: behind the document's record, or behind its passages. */
const places = ['before the passages', 'behind the passages'] as const;

/** Ports of which one fails once, between a document and its passages, whenever it is told to. */
async function failing(where: (typeof places)[number]) {
  const { retriever, backfill } = await embeddedPorts.retriever();
  const documents = await embeddedPorts.documents();
  let isDue = false;
  const once =
    <Args extends readonly unknown[], Result>(method: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      if (isDue) {
        isDue = false;
        throw new Error('the process has ended');
      }
      return method(...args);
    };
  const isBefore = where === 'before the passages';
  const passages: Retriever = isBefore
    ? { ...retriever, upsert: once(retriever.upsert), remove: once(retriever.remove) }
    : retriever;
  const marking: DocumentCatalog['mark'] = once(documents.mark);
  const records: DocumentCatalog = isBefore
    ? documents
    : {
        ...documents,
        // Not the mark that begins a removal.
        mark: (ids, format, call) =>
          (format.from === undefined ? documents.mark : marking)(ids, format, call),
        removeMarked: once(documents.removeMarked),
      };
  return {
    ports: { catalog: withPassagesIn(passages, 'another store', records), retriever: passages, backfill },
    failOnce: () => {
      isDue = true;
    },
  };
}

async function found(library: Library, query: string): Promise<string[]> {
  const { hits } = await library.search({ query, mode: 'keyword', limit: 5 }, testCall());
  return hits.map(({ document }) => document);
}

const ids = async (library: Library): Promise<string[]> =>
  (await library.list({ limit: 10 }, testCall())).documents.map(({ id }) => id);

test.each(places)('what was interrupted %s is completed by the next ingest', async (where) => {
  const { ports, failOnce } = await failing(where);
  const library = await wordsOnly({ ports });
  const folder = await folderOf({ 'a.md': 'An apple.', 'b.md': 'A banana.' });

  failOnce();
  await expect(library.ingest([folder], testCall())).rejects.toThrow('ended');
  expect((await library.status(testCall())).mismatch).toMatch(/^2 documents .*Reread them/);
  expect(await library.ingest([folder], testCall())).toMatchObject({ changed: 2, unchanged: 0 });
  expect((await library.status(testCall())).mismatch).toBeUndefined();
  expect([await ids(library), await found(library, 'apple')]).toEqual([
    ['docs/a.md', 'docs/b.md'],
    ['docs/a.md'],
  ]);

  await writeFiles(folder, { 'a.md': 'An apricot.' });
  failOnce();
  await expect(library.ingest([folder], testCall())).rejects.toThrow('ended');
  expect(await library.ingest([folder], testCall())).toMatchObject({ changed: 1, unchanged: 1 });
  expect([await found(library, 'apple'), await found(library, 'apricot')]).toEqual([[], ['docs/a.md']]);

  await rm(join(folder, 'a.md'));
  failOnce();
  await expect(library.ingest([folder], testCall())).rejects.toThrow('ended');
  expect(await library.ingest([folder], testCall())).toMatchObject({ removed: 1, unchanged: 1 });
  expect([await ids(library), await found(library, 'apricot')]).toEqual([['docs/b.md'], []]);
});

test.each(places)('what was interrupted %s is completed by the next start', async (where) => {
  const { ports, failOnce } = await failing(where);
  const library = await wordsOnly({ ports });
  const folder = await folderOf({ 'a.md': 'An apple.', 'b.md': 'A banana.' });
  await library.ingest([folder], testCall());
  await writeFiles(folder, { 'a.md': 'An apricot.' });
  failOnce();
  await expect(library.ingest([folder], testCall())).rejects.toThrow('ended');
  const add = (name: string, text: string) =>
    library.add({ name, text, type: 'text', metadata: {} }, testCall());
  failOnce();
  await expect(add('note', 'A cherry.')).rejects.toThrow('ended');
  failOnce();
  await expect(library.remove('docs/b.md', testCall())).rejects.toThrow('ended');

  const next = await wordsOnly({ ports });
  next.resume();
  await vi.waitFor(async () => {
    expect(await ids(next)).toEqual(['docs/a.md', 'inline/note']);
    const words = ['apple', 'banana', 'apricot', 'cherry'].map((word) => found(next, word));
    expect(await Promise.all(words)).toEqual([[], [], ['docs/a.md'], ['inline/note']]);
    expect((await next.status(testCall())).mismatch).toBeUndefined();
  }, 30_000);
});

test('documents are read again when their passages are to be in another store, and when they come back', async () => {
  const directory = await temporaryDirectory();
  const folder = await folderOf(files);
  const before = await openLibrary({ directory });
  await before.ingest([folder], testCall());
  await before.add({ name: 'note', text: 'Pipes rust.', type: 'text', metadata: {} }, testCall());
  expect((await before.status(testCall())).mismatch).toBeUndefined();

  const apart = await openLibrary({ directory, ports: await embeddedPorts.apart(directory) });
  expect((await apart.status(testCall())).mismatch).toMatch(/^5 documents .*hydrogen reindex/);
  const { notes } = await apart.search({ query: 'salt', mode: 'keyword', limit: 5 }, testCall());
  expect(notes).toContainEqual(expect.stringMatching(/^5 documents .*hydrogen reindex/));
  expect(await apart.ingest([folder], testCall())).toMatchObject({ changed: 4, unchanged: 0 });
  expect([await found(apart, 'salt'), await found(apart, 'rust')]).toEqual([['docs/storage.md'], []]);
  await apart.reindex(testCall());
  expect([await found(apart, 'salt'), await found(apart, 'rust')]).toEqual([
    ['docs/storage.md'],
    ['inline/note'],
  ]);
  expect((await apart.status(testCall())).mismatch).toBeUndefined();
  expect(await apart.ingest([folder], testCall())).toMatchObject({ changed: 0, unchanged: 4 });

  const back = await openLibrary({ directory });
  expect((await back.status(testCall())).mismatch).toMatch(/^5 documents .*hydrogen reindex/);
  await back.reindex(testCall());
  expect([await found(back, 'salt'), await found(back, 'rust')]).toEqual([
    ['docs/storage.md'],
    ['inline/note'],
  ]);
  expect(await back.status(testCall())).toMatchObject({ documents: 5, chunks: 7, embedded: 7 });
});
