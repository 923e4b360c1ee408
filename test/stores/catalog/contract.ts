// What every catalog of the library does, in the words of its callers.
import { join, resolve } from 'node:path';
import { describe, expect, test as run } from 'vitest';
import type { Catalog, ChunkPlace, NewDocument, TrackedPath } from '../../../src/stores/index/types.ts';
import { testCall } from '../../support/call.ts';
import { documentOf, type PortFixture } from '../ports.ts';

const root = resolve('/srv/docs');

const fileOf = (source: string, path: string, text: string): NewDocument =>
  documentOf(`${source}/${path}`, [text], {
    hash: `hash of ${text}`,
    origin: { source, path, modified: 5, size: text.length },
  });

const place = (path: string, kind: TrackedPath['kind'] = 'folder'): TrackedPath => ({ path, kind });

interface CatalogFixture extends Pick<PortFixture<Catalog>, 'name' | 'open'> {
  /** Why its store is not there. */
  readonly skip?: string;
  /** What the server does wrong by itself, by the title of the test, with the reason: those tests must fail. */
  readonly knownWrong?: Readonly<Record<string, string>>;
}

export function catalogContract({ name, open, skip = '', knownWrong = {} }: CatalogFixture): void {
  const test = (title: string, work: () => Promise<void>): void => {
    const reason = knownWrong[title];
    if (reason === undefined) run(title, work);
    else run.fails(`${title} (the server itself is wrong: ${reason})`, work);
  };
  describe.skipIf(skip !== '')(`a catalog (${name})${skip}`, () => {
    test('lists documents in order of id, page after page, and counts all of them', async () => {
      const catalog = await open();
      await catalog.upsert(
        ['b/2', 'a/1', 'b/1', 'b/3'].map((id) => documentOf(id, [id], { metadata: { of: id } })),
        testCall(),
      );
      const first = await catalog.list({ within: 'b/', limit: 2 }, testCall());
      expect(first.documents.map(({ id }) => id)).toEqual(['b/1', 'b/2']);
      expect(first.total).toBe(3);
      expect(first.documents[0]).toMatchObject({ type: 'text', chunks: 1, metadata: { of: 'b/1' } });
      const next = await catalog.list({ within: 'b/', after: 'b/2', limit: 2 }, testCall());
      expect(next.documents.map(({ id }) => id)).toEqual(['b/3']);
    });

    test('names documents with remarks of their reader, and no others', async () => {
      const catalog = await open();
      const remarks = (...said: readonly string[]) => ({ metadata: { reader_remarks: said } });
      await catalog.upsert(
        [
          documentOf('c', ['c'], remarks('1 page holds no text (2)')),
          documentOf('a', ['a'], remarks('2 pictures without text')),
          documentOf('b', ['b'], { metadata: { note: '"reader_remarks":' } }),
        ],
        testCall(),
      );
      const found = await catalog.remarked(1, testCall());
      expect(found.documents.map(({ id }) => id)).toEqual(['a']);
      expect(found.total).toBe(2);
    });

    test('reads whole lines of a document, at least one, and tells where it ended', async () => {
      const catalog = await open();
      await catalog.upsert([documentOf('a', ['one', 'two', 'three'])], testCall());
      expect(await catalog.read('a', 2, 100, testCall())).toMatchObject({
        text: 'two\nthree',
        from: 2,
        to: 3,
        total: 3,
      });
      expect(await catalog.read('a', 1, 1, testCall())).toMatchObject({ text: 'one', to: 1 });
      expect(await catalog.read('b', 1, 100, testCall())).toBeUndefined();
    });

    test('finds the lines of a page, and the last page where it has no such one', async () => {
      const catalog = await open();
      const document = documentOf('a.pdf', ['one', 'two', 'three']);
      const chunks = document.chunks.map((chunk, i) => ({ ...chunk, place: { page: i === 0 ? 1 : 3 } }));
      await catalog.upsert([{ ...document, chunks }, documentOf('b', ['text'])], testCall());
      expect(await catalog.page('a.pdf', 3, testCall())).toEqual({ lines: [2, 3], last: 3 });
      expect(await catalog.page('a.pdf', 2, testCall())).toEqual({ last: 3 });
      expect(await catalog.page('b', 1, testCall())).toBeUndefined();
    });

    test('finds the lines of slides and chapters too, and those of a document as it is now', async () => {
      const catalog = await open();
      const withPlaces = (places: readonly ChunkPlace[]): NewDocument => {
        const document = documentOf('a.pptx', ['one', 'two', 'three']);
        const chunks = document.chunks.flatMap((chunk, i) => {
          const place = places[i];
          return place ? [{ ...chunk, place }] : [];
        });
        return { ...document, chunks };
      };
      const sheet: ChunkPlace = { sheet: 'Costs', rows: [1, 9] };
      await catalog.upsert([withPlaces([{ slide: 1 }, { slide: 2 }, { slide: 2 }])], testCall());
      expect(await catalog.page('a.pptx', 2, testCall())).toEqual({ lines: [2, 3], last: 2 });
      await catalog.upsert([withPlaces([{ chapter: 1 }, { chapter: 1 }, sheet])], testCall());
      expect(await catalog.page('a.pptx', 1, testCall())).toEqual({ lines: [1, 2], last: 1 });
      await catalog.remove(['a.pptx'], testCall());
      expect(await catalog.page('a.pptx', 1, testCall())).toBeUndefined();
    });

    test('offers ids that are like one that is not there', async () => {
      const catalog = await open();
      await catalog.upsert([documentOf('docs/storage.md', ['a']), documentOf('zzz', ['b'])], testCall());
      expect(await catalog.similarIds('docs/storge.md', testCall())).toContain('docs/storage.md');
    });

    test('replaces a document, and gives back those that it removes', async () => {
      const catalog = await open();
      await catalog.upsert([documentOf('a', ['old']), documentOf('b', ['other'])], testCall());
      await catalog.upsert([documentOf('a', ['new', 'text'], { title: 'New' })], testCall());
      expect(await catalog.read('a', 1, 100, testCall())).toMatchObject({
        row: { title: 'New', chunks: 2 },
        text: 'new\ntext',
      });
      expect(await catalog.remove(['a', 'none'], testCall())).toMatchObject([{ id: 'a', title: 'New' }]);
      expect((await catalog.list({ limit: 10 }, testCall())).documents.map(({ id }) => id)).toEqual(['b']);
    });

    test('knows the files of a source, and notes new times without reading them again', async () => {
      const catalog = await open();
      const { name: source } = await catalog.source(root, 'docs', testCall());
      await catalog.upsert([fileOf(source, 'a.md', 'alpha')], testCall());
      await catalog.touch([{ id: 'docs/a.md', modified: 9, size: 7 }], testCall());
      expect(await catalog.files(source, testCall())).toEqual([
        { id: 'docs/a.md', path: 'a.md', modified: 9, size: 7, hash: 'hash of alpha', format: 'test' },
      ]);
    });

    test('counts the documents of each format', async () => {
      const catalog = await open();
      const old = documentOf('c', ['old'], { format: 'old' });
      await catalog.upsert([documentOf('a', ['alpha']), documentOf('b', ['beta']), old], testCall());
      expect(await catalog.formats(testCall())).toEqual({ test: 2, old: 1 });
    });

    test('names a source once for a root, and otherwise as no other is named', async () => {
      const catalog = await open();
      const first = await catalog.source(root, 'docs', testCall());
      expect(await catalog.source(root, 'another', testCall())).toEqual(first);
      const second = await catalog.source(resolve('/home/docs'), 'docs', testCall());
      expect(second.name).not.toBe(first.name);
      expect(await catalog.sources(testCall())).toEqual(
        [first, second].sort((a, b) => (a.name < b.name ? -1 : 1)),
      );
    });

    test('sums up what is in each source, and removes one with its documents and places', async () => {
      const catalog = await open();
      await catalog.source(root, 'docs', testCall());
      await catalog.trackPaths([place(root), place(resolve('/srv/other'))], testCall());
      await catalog.upsert(
        [fileOf('docs', 'a.md', 'alpha'), fileOf('docs', 'b.md', 'beta'), documentOf('inline/n', ['note'])],
        testCall(),
      );
      expect(await catalog.summaries(testCall())).toMatchObject([
        { name: 'docs', kind: 'files', documents: 2, chunks: 2 },
        { name: 'inline', kind: 'inline', documents: 1 },
      ]);
      expect(await catalog.removeSource('docs', testCall())).toBe(2);
      expect(await catalog.removeSource('docs', testCall())).toBeUndefined();
      expect((await catalog.list({ limit: 10 }, testCall())).total).toBe(1);
      expect(await catalog.trackedPaths(testCall())).toEqual([place(resolve('/srv/other'))]);
    });

    test('keeps places in order of path, and tells whether there are others by now', async () => {
      const catalog = await open();
      const [a, b] = [place(join(root, 'a')), place(join(root, 'b.md'), 'file')];
      expect(await catalog.hasOtherTrackedPaths([], testCall())).toBe(false);
      await catalog.trackPaths([b, a], testCall());
      expect(await catalog.trackedPaths(testCall())).toEqual([a, b]);
      expect(await catalog.hasOtherTrackedPaths([a, b], testCall())).toBe(false);
      const narrow = { ...a, include: ['*.md'] };
      await catalog.trackPaths([narrow], testCall());
      expect(await catalog.trackedPaths(testCall())).toEqual([narrow, b]);
      expect(await catalog.hasOtherTrackedPaths([a, b], testCall())).toBe(true);
    });

    test('remembers how a place was found, and brings back none that was taken out meanwhile', async () => {
      const catalog = await open();
      const [a, gone] = [place(join(root, 'a')), place(join(root, 'gone'))];
      const narrow = { ...a, include: ['*.md'] };
      await catalog.trackPaths([narrow], testCall());
      const seen = { identity: '1:2', mounts: [join(root, 'a', 'disk')] };
      const states = new Map([a, gone].map(({ path }) => [path, seen]));
      await catalog.saveStates(states, testCall());
      expect(await catalog.trackedPaths(testCall())).toEqual([{ ...narrow, seen }]);
    });

    test('forgets a document together with the place that was its file', async () => {
      const catalog = await open();
      await catalog.source(root, 'docs', testCall());
      await catalog.upsert([fileOf('docs', 'a.md', 'alpha')], testCall());
      await catalog.trackPaths([place(join(root, 'a.md'), 'file'), place(join(root, 'b'))], testCall());
      expect(await catalog.forget('docs/a.md', testCall())).toMatchObject({ id: 'docs/a.md' });
      expect(await catalog.forget('docs/a.md', testCall())).toBeUndefined();
      expect(await catalog.trackedPaths(testCall())).toEqual([place(join(root, 'b'))]);
    });

    test('reads a long text from any line, a line that is longer than any part of it included', async () => {
      const catalog = await open();
      const long = '☃ and 𝄞, '.repeat(30_000);
      const lines = ['first', ...Array.from({ length: 30_000 }, (_, i) => `line ${i + 2}`), long, '', 'last'];
      await catalog.upsert([documentOf('a', lines), documentOf('empty', [])], testCall());
      const read = async (from: number, maxBytes: number) => {
        const { text, to, total } = (await catalog.read('a', from, maxBytes, testCall())) ?? {};
        return { text, to, total };
      };
      const all = Number.MAX_SAFE_INTEGER;
      const total = lines.length;
      expect(await read(1, all)).toEqual({ text: lines.join('\n'), to: total, total });
      expect(await read(29_999, 21)).toEqual({ text: 'line 29999\nline 30000', to: 30_000, total });
      expect(await read(30_001, 12)).toEqual({ text: 'line 30001', to: 30_001, total });
      expect(await read(30_002, 0)).toEqual({ text: long, to: 30_002, total });
      expect(await read(30_002, Buffer.byteLength(long) + 1)).toMatchObject({ to: 30_003 });
      expect(await read(30_003, all)).toEqual({ text: '\nlast', to: 30_004, total });
      expect(await read(30_004, all)).toEqual({ text: 'last', to: 30_004, total });
      expect(await read(30_005, all)).toEqual({ text: '', to: 30_004, total });
      expect(await catalog.read('empty', 1, all, testCall())).toMatchObject({ text: '', to: 0, total: 0 });
    });

    test('gives metadata back as they were, whatever their names and numbers', async () => {
      const catalog = await open();
      const metadata = { $where: 'a.b', 'a.b': { '': null }, at: '2026-03-01', n: 0.1, list: [[1], {}] };
      await catalog.upsert([documentOf('a', ['text'], { metadata })], testCall());
      expect((await catalog.list({ limit: 1 }, testCall())).documents[0]?.metadata).toEqual(metadata);
    });

    test('writes a document once, as it comes last in a call', async () => {
      const catalog = await open();
      await catalog.upsert([documentOf('a', ['old']), documentOf('a', ['new', 'text'])], testCall());
      expect(await catalog.read('a', 1, 100, testCall())).toMatchObject({ text: 'new\ntext' });
      expect((await catalog.list({ limit: 10 }, testCall())).total).toBe(1);
    });

    test('writes none of the documents of one call when one of them cannot be written', async () => {
      const catalog = await open();
      const circular: Record<string, unknown> = {};
      circular['self'] = circular;
      const broken = documentOf('broken', ['text'], { metadata: circular });
      await expect(catalog.upsert([documentOf('a', ['alpha']), broken], testCall())).rejects.toThrow();
      expect((await catalog.list({ limit: 10 }, testCall())).total).toBe(0);
    });
  });
}
