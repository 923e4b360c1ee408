// What every retriever does, in the words of its callers. An engine may show what was written a moment later, and
// score with floats of 32 bits: `eventually` and `tolerance` of the fixture say so.
import { describe, expect, test } from 'vitest';
import { inlineSource } from '../../../src/stores/index/inline-source.ts';
import type { Backfill, Retriever, Selection } from '../../../src/stores/index/types.ts';
import { parseWordQuery } from '../../../src/stores/index/word-query.ts';
import { testCall } from '../../support/call.ts';
import {
  byMeaning,
  byWords,
  documentOf,
  documentsOf,
  embed,
  expectNear,
  nearest,
  type PortFixture,
  space,
} from '../ports.ts';

type Ports = { readonly retriever: Retriever; readonly backfill: Backfill };

const plants = [
  documentOf('plants/pem', ['hydrogen cat', 'stack'], { metadata: { kind: 'PEM', year: 2020 } }),
  documentOf('plants/soec', ['hydrogen cat cat bird'], { metadata: { kind: 'SOEC', year: 2023 } }),
  documentOf('notes/one', ['fish bird horse'], { metadata: { kind: 'note' } }),
];

/** Of two sources, and one added inline. */
const files = [
  documentOf('docs/a.md', ['cat'], { origin: { source: 'docs', path: 'a.md', modified: 1_000, size: 3 } }),
  documentOf('other/sub/b.md', ['cat dog'], {
    origin: { source: 'other', path: 'sub/b.md', modified: 5_000, size: 3 },
  }),
  documentOf('inline/c', ['cat bird']),
];

export function retrieverContract({ name, open, eventually, tolerance }: PortFixture<Ports>): void {
  async function found(retriever: Retriever, text: string, selection: Selection = {}): Promise<string[]> {
    const chunks = await byWords(retriever, text, { selection });
    return documentsOf(
      retriever,
      chunks.map(({ chunk }) => chunk),
    );
  }

  /** A retriever with the passages x, y and z on the axes of those names. */
  async function axes(): Promise<Ports> {
    const ports = await open();
    await ports.retriever.upsert(
      ['x', 'y', 'z'].map((one) => documentOf(one, [one])),
      testCall(),
    );
    expect((await ports.backfill.pending(1, testCall())).total).toBe(3);
    await embed(ports.backfill);
    await eventually(async () => {
      expect(await ports.retriever.stats(testCall())).toMatchObject({ chunks: 3, embedded: 3 });
    });
    return ports;
  }

  describe(`a retriever (${name})`, () => {
    test('finds passages by words, the best first, and none for words that are nowhere', async () => {
      const { retriever } = await open();
      await retriever.upsert(plants, testCall());

      await eventually(async () => {
        expect(await found(retriever, 'cat')).toEqual(['plants/soec', 'plants/pem']);
        expect(await found(retriever, 'whale')).toEqual([]);
      });
    });

    test('scores words by BM25, as computed by hand', async () => {
      const { retriever } = await open();
      const texts = { a: 'cat dog', b: 'cat cat cat bird', c: 'fish bird horse' };
      await retriever.upsert(
        Object.entries(texts).map(([id, text]) => documentOf(id, [text])),
        testCall(),
      );

      // N = 3, average length 3; "cat" stands in 2: idf = ln(1 + (3 - 2 + .5) / (2 + .5)) = ln 1.6.
      await eventually(async () => {
        const cats = await byWords(retriever, 'cat');
        expect(cats).toHaveLength(2);
        expectNear(cats[0]?.score, (Math.log(1.6) * 3) / 4.5, tolerance);
        expectNear(cats[1]?.score, Math.log(1.6) / 1.9, tolerance);
      });
    });

    test('finds the first passage by words of the document that its text does not have, at no cost of its length', async () => {
      const { retriever } = await open();
      const metadata = { tags: ['zebra'], author: 'Ada' };
      await retriever.upsert([documentOf('docs/pump_report.md', ['cat', 'dog'], { metadata })], testCall());
      await eventually(async () => {
        for (const word of ['pump', 'zebra', 'ada']) {
          const chunks = await byWords(retriever, word);
          expect(
            (
              await retriever.fetch(
                chunks.map(({ chunk }) => chunk),
                testCall(),
              )
            ).map(({ text }) => text),
          ).toEqual(['cat']);
        }
        const [cat, dog] = [await byWords(retriever, 'cat'), await byWords(retriever, 'dog')];
        expectNear(cat[0]?.score ?? 0, dog[0]?.score ?? 1, tolerance);
      });
      await retriever.upsert(
        [documentOf('docs/pump_report.md', ['cat', 'dog'], { metadata: { tags: ['lion'] } })],
        testCall(),
      );
      await eventually(async () => {
        expect([await found(retriever, 'zebra'), await found(retriever, 'lion')]).toEqual([
          [],
          ['docs/pump_report.md'],
        ]);
      });
    });

    test('finds a word of another language in any of its forms, and of no language twice', async () => {
      const { retriever } = await open();
      const text =
        'Die Elektroden der Anlage werden nach einem Jahr von einem Techniker und dem Betreiber geprüft.';
      await retriever.upsert(
        [documentOf('de', [text]), documentOf('en', ['The electrodes of the plant'])],
        testCall(),
      );
      await eventually(async () => {
        expect(await found(retriever, 'Elektrode')).toEqual(['de']);
        expect(await found(retriever, 'geprufte Anlagen')).toEqual(['de']);
        expect(await found(retriever, 'electrode')).toEqual(['en']);
      });
    });

    test('gives no more candidates than were asked for', async () => {
      const { retriever } = await open();
      await retriever.upsert(plants, testCall());
      await eventually(async () => {
        expect(await byWords(retriever, 'cat', { limit: 1 })).toHaveLength(1);
      });
    });

    test('finds a phrase only where its words follow one another, and words by their beginning', async () => {
      const { retriever } = await open();
      await retriever.upsert(plants, testCall());
      await eventually(async () => {
        expect(await found(retriever, '"cat bird"')).toEqual(['plants/soec']);
        expect(await found(retriever, 'hors*')).toEqual(['notes/one']);
      });
    });

    test('finds a quoted stop word where it stands, by the other words of the question', async () => {
      const { retriever } = await open();
      const texts = [documentOf('a', ['a valve with a spring']), documentOf('b', ['a valve and a spring'])];
      await retriever.upsert(texts, testCall());
      await eventually(async () => {
        expect(await found(retriever, 'which valve has "with" in it')).toEqual(['a']);
      });
    });

    test.each<[string, Selection, string[]]>([
      ['the beginning of an id', { within: 'notes/' }, ['notes/one']],
      ['a value', { filter: '{"kind":"SOEC"}' }, ['plants/soec']],
      ['a comparison', { filter: '{"year":{"$gte":2021}}' }, ['plants/soec']],
      ['both', { within: 'plants/', filter: '{"kind":"note"}' }, []],
    ])('looks only at the documents of a selection: %s', async (_, selection, wanted) => {
      const { retriever, backfill } = await open();
      await retriever.upsert(plants, testCall());
      expect((await backfill.pending(1, testCall())).total).toBe(4);
      await embed(backfill);
      await eventually(async () => {
        expect(await found(retriever, 'bird', selection)).toEqual(wanted);
        expect([...new Set(await nearest(retriever, [0, 0, 0, 1], { selection, limit: 10 }))]).toEqual(
          wanted,
        );
        const selected = await retriever.selected(selection, testCall());
        expect(selected.documents).toBe(wanted.length);
        expect(selected.types).toEqual(['text']);
      });
    });

    test('knows of files the source, the path and when they changed, which may be noted later', async () => {
      const { retriever } = await open();
      await retriever.upsert(files, testCall());
      const [a, b] = ['docs/a.md', 'other/sub/b.md'];
      const since = (ms: number): string => `{"modified":{"$gte":{"$date":"${new Date(ms).toISOString()}"}}}`;
      const select = (filter: string): Promise<string[]> => found(retriever, 'cat', { filter });
      await eventually(async () => {
        expect(await select('{"source":"docs"}')).toEqual([a]);
        expect(await select('{"path":"sub/b.md"}')).toEqual([b]);
        expect(await select('{"source":"inline","title":""}')).toEqual(['inline/c']);
        expect(await select(since(2_000))).toEqual([b]);
      });
      await retriever.touch(
        [a, 'none'].map((id) => ({ id: String(id), modified: -9_000, size: 3 })),
        testCall(),
      );
      await eventually(async () => {
        expect((await select(since(2_000))).sort()).toEqual([a, b]);
      });
    });

    test('removes the passages of a source, and counts the vectors of each', async () => {
      const { retriever, backfill } = await open();
      await retriever.upsert(files, testCall());
      expect((await backfill.pending(1, testCall())).total).toBe(3);
      const { chunks } = await backfill.pending(10, testCall());
      const vector = Float32Array.from([1, 0, 0, 0]);
      const some = chunks.filter(({ text }) => text !== 'cat dog').map(({ chunk }) => ({ chunk, vector }));
      await backfill.saveVectors(space, some, testCall());
      const countOf = async (source: string): Promise<number> =>
        (await retriever.vectorsBySource(testCall())).get(source) ?? 0;
      await eventually(async () => {
        expect(await Promise.all(['docs', 'other', 'inline'].map(countOf))).toEqual([1, 0, 1]);
      });
      await retriever.removeSource('docs', testCall());
      await retriever.removeSource('none', testCall());
      await eventually(async () => {
        expect((await found(retriever, 'cat')).sort()).toEqual(['inline/c', 'other/sub/b.md']);
        expect(await Promise.all(['docs', 'inline'].map(countOf))).toEqual([0, 1]);
      });
      await retriever.removeSource(inlineSource, testCall());
      await eventually(async () => {
        expect(await found(retriever, 'cat')).toEqual(['other/sub/b.md']);
      });
    });

    test('refuses a filter that is none', async () => {
      const { retriever } = await open();
      const selection = { filter: '{"$what":1}' };
      await expect(byWords(retriever, 'cat', { selection })).rejects.toMatchObject({ code: 'bad_input' });
    });

    test('finds the nearest by meaning, the nearest first', async () => {
      const { retriever } = await axes();
      await eventually(async () => {
        expect(await nearest(retriever, [0.1, 0.9, 0.2, 0])).toEqual(['y', 'z', 'x']);
        expect(await nearest(retriever, [0.1, 0.9, 0.2, 0], { limit: 1 })).toEqual(['y']);
      });
    });

    test('scores by meaning as if what was removed had never been there', async () => {
      const { retriever, backfill } = await axes();
      const scores = async (): Promise<readonly number[]> => {
        const vector = { values: Float32Array.from([0.1, 0.9, 0.2, 0]), space };
        return (await byMeaning(retriever, vector)).map(({ score }) => score);
      };
      const before = await scores();
      const others = Array.from({ length: 30 }, (_, n) => documentOf(`other/${n}`, [`other ${n}`]));
      await retriever.upsert(others, testCall());
      await embed(backfill);
      await retriever.remove(
        others.map(({ id }) => id),
        testCall(),
      );
      await eventually(async () => {
        const after = await scores();
        expect(after).toHaveLength(3);
        for (const [i, score] of after.entries()) expectNear(score, before[i] ?? Number.NaN, tolerance);
      });
    });

    test('finds nothing near a vector of another model', async () => {
      const { retriever } = await axes();
      const of = { fingerprint: 'other@1', dimensions: 4 };
      expect(await nearest(retriever, [0, 1, 0, 0], { of })).toEqual([]);
    });

    test('scores the passages that are named by words and by meaning, and the nearest with them', async () => {
      const { retriever } = await axes();
      const words = parseWordQuery('z');
      const vector = Promise.resolve({ values: Float32Array.from([0, 1, 0, 0]), space });
      const wanted = { words, byWords: 1, scoredWords: words, vector, byMeaning: 0, selection: {} };

      const named = await retriever.candidates(wanted, testCall());
      const [z] = named.byWords;
      expect(named.byWords).toHaveLength(1);
      expect(named.nearest).toEqual([]);
      expect(named.scored.map(({ chunk }) => chunk)).toEqual([z?.chunk]);
      expectNear(named.scored[0]?.keywords, z?.score ?? 0, tolerance);
      expectNear(named.scored[0]?.cosine, 0, tolerance);
      // The word stands in 1 of 3: idf = ln(1 + (3 - 1 + .5) / (1 + .5)).
      expectNear(named.fullKeywords, Math.log(1 + 2.5 / 1.5), tolerance);

      const both = await retriever.candidates({ ...wanted, byMeaning: 1 }, testCall());
      expect(both.nearest).toHaveLength(1);
      expectNear(both.nearest[0]?.score, 1, tolerance);
      expect(both.scored.map(({ chunk }) => chunk)).toEqual([z?.chunk, both.nearest[0]?.chunk]);
      expect(both.scored[1]?.keywords).toBe(0);
      expectNear(both.scored[1]?.cosine, 1, tolerance);
    });

    test('fetches passages in the order asked for, without those that have gone', async () => {
      const { retriever } = await open();
      const place = { page: 3 };
      const chunks = [{ id: 'a#0', heading: ['Top'], lines: [1, 2] as const, place, text: 'alpha' }];
      await retriever.upsert(
        [documentOf('a', ['alpha'], { title: 'A', chunks }), documentOf('b', ['beta'])],
        testCall(),
      );
      await eventually(async () => {
        const words = await Promise.all(['beta', 'alpha'].map((one) => byWords(retriever, one)));
        const [beta = 0, alpha = 0] = words.map(([one]) => one?.chunk);
        const passages = await retriever.fetch([beta, 999_999, alpha], testCall());
        expect(passages).toMatchObject([
          { chunk: beta, document: 'b', text: 'beta' },
          { chunk: alpha, id: 'a#0', document: 'a', title: 'A', heading: ['Top'], lines: [1, 2], place },
        ]);
      });
    });

    test('replaces the passages of a document, and removes them with it', async () => {
      const { retriever } = await open();
      await retriever.upsert([documentOf('a', ['alpha']), documentOf('b', ['beta'])], testCall());
      await retriever.upsert([documentOf('a', ['gamma'])], testCall());
      await eventually(async () => {
        expect(await found(retriever, 'alpha')).toEqual([]);
        expect(await found(retriever, 'gamma')).toEqual(['a']);
      });
      await retriever.remove(['a', 'none'], testCall());
      await eventually(async () => {
        expect(await found(retriever, 'gamma')).toEqual([]);
        expect(await found(retriever, 'beta')).toEqual(['b']);
      });
    });

    test('keeps number and vector of an unchanged passage, and gives its vector to one with the same text', async () => {
      const { retriever, backfill } = await open();
      const numberOf = async (text: string): Promise<number | undefined> =>
        (await byWords(retriever, text, { limit: 1 }))[0]?.chunk;
      await retriever.upsert([documentOf('a', ['x', 'y'])], testCall());
      expect(await embed(backfill)).toBe(2);
      await eventually(async () => {
        expect(await numberOf('x')).toBeDefined();
        expect(await numberOf('y')).toBeDefined();
      });
      const [x = 0, y = 0] = await Promise.all(['x', 'y'].map(numberOf));

      await retriever.upsert([documentOf('a', ['x', 'z']), documentOf('b', ['x'])], testCall());

      expect((await backfill.pending(10, testCall())).chunks.map(({ text }) => text)).toEqual(['z']);
      await eventually(async () => {
        expect(await documentsOf(retriever, [x])).toEqual(['a']);
        // A number that was given once is not given to another text.
        expect(await documentsOf(retriever, [y])).toEqual([]);
        expect((await nearest(retriever, [1, 0, 0, 0], { limit: 2 })).sort()).toEqual(['a', 'b']);
      });
    });

    test('knows the documents that are like one, and says so where it has no vector', async () => {
      const { retriever, backfill } = await open();
      await retriever.upsert([documentOf('x', ['x']), documentOf('y', ['y'])], testCall());
      expect(await retriever.similar('x', {}, 5, testCall())).toBeUndefined();
      await embed(backfill, (text) => (text === 'x' ? [1, 0, 0, 0] : [0.8, 0.6, 0, 0]));
      await eventually(async () => {
        const like = await retriever.similar('x', {}, 5, testCall());
        expect(like?.map(({ document }) => document)).toEqual(['y']);
        expectNear(like?.[0]?.cosine, 0.8, Math.max(tolerance, 1e-6));
      });
      expect(await retriever.similar('none', {}, 5, testCall())).toBeUndefined();
    });

    test('counts what is in it', async () => {
      const { retriever } = await open();
      expect(await retriever.stats(testCall())).toEqual({
        documents: 0,
        chunks: 0,
        embedded: 0,
      });
      await retriever.upsert(plants, testCall());
      await eventually(async () => {
        expect(await retriever.stats(testCall())).toEqual({
          documents: 3,
          chunks: 4,
          embedded: 0,
        });
      });
    });
  });
}
