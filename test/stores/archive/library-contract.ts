// What is taken out of one library and put into another answers the same there.
import { describe, expect, test } from 'vitest';
import { type MovedLibrary, moveLibrary } from '../../../src/move/library.ts';
import { planLibrary } from '../../../src/move/library-plan.ts';
import type { LibrarySide } from '../../../src/move/sides.ts';
import type { LibraryPorts, NewDocument } from '../../../src/stores/index/types.ts';
import { testCall } from '../../support/call.ts';
import { byMeaning, byWords, documentOf, embed, expectNear, space } from '../ports.ts';

/** An empty library with its archive. */
export type OpenedLibrary = LibrarySide & Pick<LibraryPorts, 'retriever' | 'backfill'>;

interface LibraryArchiveFixture {
  readonly name: string;
  readonly skip?: string;
  from(): Promise<OpenedLibrary>;
  to(): Promise<OpenedLibrary>;
  readonly tolerance: number;
}

const call = testCall({ deadline: Number.POSITIVE_INFINITY });

/** A direction for each text, which is the same wherever it is made. */
function directionOf(text: string): number[] {
  const values = Array.from({ length: space.dimensions }, (_, i) => {
    let hash = 17 * (i + 1);
    for (const character of text) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 1_009;
    return hash / 1_009 + 0.2;
  });
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}

function documents(): NewDocument[] {
  const origin = { source: 'notes', modified: -1_700_000_000_123, size: 17 };
  const texts = Array.from({ length: 30 }, (_, i) => `valve ${i} holds ${i % 3 === 0 ? 'pressure' : 'gas'}`);
  const files = texts.map((text, i) =>
    documentOf(`notes/${String(i).padStart(2, '0')}.md`, [text, `more of ${i}`], {
      title: `Note ${i}`,
      origin: { ...origin, path: `${i}.md` },
      metadata: { n: i, long: { $numberLong: '9007199254740993' }, tags: ['ä', '😀'] },
    }),
  );
  const paged = documentOf('inline/paged', ['page one', 'page two', 'a row']);
  const places = [{ page: 1 }, { page: 2 }, { sheet: 'Prices', rows: [2, 3] as const }] as const;
  const chunks = paged.chunks.map((chunk, i) => {
    const place = places[i];
    return { ...chunk, heading: ['Top', 'Below'], ...(place && { place }) };
  });
  return [...files, { ...paged, chunks }, documentOf('inline/empty', [])];
}

async function fill({ catalog, positions, backfill }: OpenedLibrary): Promise<void> {
  await catalog.source('/folder/notes', 'notes', call);
  await catalog.source('collection:shop.orders', 'orders', call);
  await catalog.upsert(documents(), call);
  while ((await embed(backfill, directionOf)) > 0);
  await catalog.trackPaths(
    [{ path: '/folder/notes', kind: 'folder', include: ['*.md'], seen: { identity: '1:2' } }],
    call,
  );
  await positions.save('orders', 'resume token', call);
}

/** What a library answers, without what an engine numbers by itself. */
async function answersOf({ catalog, positions, retriever }: OpenedLibrary) {
  const query = { values: Float32Array.from(directionOf('some question')), space };
  const nearest = await byMeaning(retriever, query, { limit: 12 });
  const words = await byWords(retriever, 'pressure valve', { limit: 12 });
  const passages = await retriever.fetch(
    nearest.map(({ chunk }) => chunk),
    call,
  );
  const filtered = { filter: '{"n":{"$gte":28}}' };
  return {
    exact: {
      list: await catalog.list({ limit: 100 }, call),
      text: await catalog.read('notes/03.md', 1, 1_000, call),
      page: await catalog.page('inline/paged', 2, call),
      sources: await catalog.sources(call),
      tracked: await catalog.trackedPaths(call),
      position: await positions.read('orders', call),
      files: (await catalog.files('notes', call)).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      nearest: passages.map(({ chunk: _, ...passage }) => passage),
      filtered: await retriever.selected(filtered, call).then(({ documents: count }) => count),
      embedded: (await retriever.stats(call)).embedded,
    },
    scores: [...nearest, ...words].map(({ score }) => score),
  };
}

async function moving(from: LibrarySide, to: LibrarySide, merge = false): Promise<MovedLibrary> {
  const way = { from, to, names: { from: 'the first', to: 'the second' } };
  const plan = await planLibrary(way, { merge }, call);
  return moveLibrary(way, plan, { step() {} }, call);
}

export function libraryArchiveContract({
  name,
  skip = '',
  from,
  to,
  tolerance,
}: LibraryArchiveFixture): void {
  describe.skipIf(skip !== '')(`the archive of a library (${name})${skip}`, () => {
    test('lists, texts, pages, sources, positions, filters and searches are the same, with their scores', async () => {
      const [first, second] = [await from(), await to()];
      await fill(first);
      const before = await answersOf(first);
      expect(before.exact.nearest).toHaveLength(12);
      const { differences, takesVectors } = await moving(first, second);
      expect(differences).toEqual([]);
      expect(takesVectors).toBe(true);
      const after = await answersOf(second);
      expect(after.exact).toEqual(before.exact);
      for (const [i, score] of after.scores.entries()) expectNear(score, before.scores[i] ?? 0, tolerance);
      expect(await answersOf(first)).toEqual(before);
    });

    test('what is there already is not written again', async () => {
      const [first, second] = [await from(), await to()];
      await fill(first);
      await moving(first, second);
      const written: string[] = [];
      const catalog: OpenedLibrary['catalog'] = {
        ...second.catalog,
        upsert: async (some, bounded) => {
          written.push(...some.map(({ id }) => id));
          await second.catalog.upsert(some, bounded);
        },
      };
      await second.catalog.remove(['notes/07.md'], call);
      const again = { ...second, catalog };
      const { differences } = await moving(first, again);
      expect(differences).toEqual([]);
      expect(written).toEqual(['notes/07.md']);
      expect((await answersOf(second)).exact).toEqual((await answersOf(first)).exact);
    });

    test('vectors that an interrupted move has not brought are said to be missing, and brought by the next', async () => {
      const [first, second] = [await from(), await to()];
      await fill(first);
      const without = { ...second, archive: { ...second.archive, saveVectors: async () => {} } };
      const { differences } = await moving(first, without);
      expect(differences).toEqual(['vectors of 63 passages']);
      const again = await moving(first, second);
      expect(again.differences).toEqual([]);
      expect((await answersOf(second)).exact).toEqual((await answersOf(first)).exact);
    });

    test("where vectors of another model are, only the documents go, and that model's vectors stay", async () => {
      const [first, second] = [await from(), await to()];
      await fill(first);
      const own = documentOf('inline/own', ['x', 'y']);
      await second.catalog.upsert([own], call);
      await embed(second.backfill, directionOf, { ...space, fingerprint: 'other@1' });
      const moved = await moving(first, second, true);
      expect(moved).toMatchObject({ takesVectors: false, differences: [] });
      const { chunks, embedded, space: serving } = await second.retriever.stats(call);
      expect({ chunks, embedded }).toEqual({ chunks: 65, embedded: 2 });
      expect(serving?.fingerprint).toBe('other@1');
    });

    test('what differs in the end is said by its name', async () => {
      const [first, second] = [await from(), await to()];
      await fill(first);
      const archive: OpenedLibrary['archive'] = {
        ...second.archive,
        documents: async (ids, bounded) =>
          (await second.archive.documents(ids, bounded)).map((one) =>
            one.id === 'notes/05.md' ? { ...one, text: 'other' } : one,
          ),
      };
      const { differences } = await moving(first, { ...second, archive });
      expect(differences).toEqual(['document "notes/05.md"']);
    });

    test('a source with another folder there is refused before anything is copied', async () => {
      const [first, second] = [await from(), await to()];
      await fill(first);
      await second.catalog.source('/elsewhere', 'notes', call);
      const refused = moving(first, second);
      await expect(refused).rejects.toThrow(
        /The source "notes" cannot be copied.*another folder.*Nothing was copied/,
      );
      expect((await second.catalog.list({ limit: 1 }, call)).total).toBe(0);
    });
  });
}
