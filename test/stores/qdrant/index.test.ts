// What is special to passages on a server that several processes share, beside the contracts.
import { createServer, request as sendRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { QdrantClient } from '@qdrant/js-client-rest';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Backfill, Retriever } from '../../../src/stores/index/types.ts';
import { parseWordQuery } from '../../../src/stores/index/word-query.ts';
import { openCollection } from '../../../src/stores/qdrant/collection.ts';
import { createQdrantIndex } from '../../../src/stores/qdrant/qdrant.ts';
import { createSearching } from '../../../src/stores/qdrant/search.ts';
import { connect, endpointOf } from '../../../src/stores/qdrant/server.ts';
import { testCall } from '../../support/call.ts';
import { embeddedPorts } from '../../support/embedded-ports.ts';
import {
  hasQdrant,
  isTrueQdrant,
  openQdrant,
  qdrantSettings,
  qdrantSkipReason,
} from '../../support/servers/qdrant.ts';
import { byMeaning, byWords, documentOf, documentsOf, embed, expectNear, space } from '../ports.ts';

/** Directions all around the mean. */
function vectorOf(text: string): number[] {
  const n = Number(/\d+/.exec(text)?.[0] ?? 0);
  const vector = [1, Math.sin(n), Math.cos(2 * n), Math.sin(3 * n + 1)];
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) =>
    documentOf(`d/${from + i}`, [`passage ${from + i} ${'word '.repeat(i % 7)}`]),
  );

async function found(retriever: Retriever, query: string): Promise<string[]> {
  const chunks = await byWords(retriever, query, { limit: 500 });
  return documentsOf(
    retriever,
    chunks.map(({ chunk }) => chunk),
  );
}

/** Scores by document. */
async function scores(
  retriever: Retriever,
  list: 'words' | 'meaning',
  query: string,
): Promise<Map<string, number>> {
  const candidates =
    list === 'words'
      ? await byWords(retriever, query, { limit: 500 })
      : await byMeaning(retriever, { values: Float32Array.from(vectorOf(query)), space }, { limit: 500 });
  const documents = await documentsOf(
    retriever,
    candidates.map(({ chunk }) => chunk),
  );
  return new Map(documents.map((document, i) => [document, candidates[i]?.score ?? Number.NaN]));
}

async function expectSameScores(
  one: Retriever,
  other: Retriever,
  list: 'words' | 'meaning',
  query: string,
): Promise<void> {
  const [wanted, given] = [await scores(one, list, query), await scores(other, list, query)];
  expect([...given.keys()].sort()).toEqual([...wanted.keys()].sort());
  for (const [document, score] of wanted) expectNear(given.get(document), score, 1e-5);
}

/**
 * A server in front of another.
 * @param passes is asked of each request, and cuts off its connection by answering false
 * @param answered hears that an answer is given
 */
async function wayTo(server: string, passes: () => boolean, answered: () => Promise<void> | void = () => {}) {
  const { hostname, port } = new URL(server);
  const proxy = createServer((request, response) => {
    if (!passes()) {
      response.destroy();
      return;
    }
    const { method, headers, url: path } = request;
    const forwarded = sendRequest({ hostname, port, method, headers, path }, async (answer) => {
      await answered();
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    request.pipe(forwarded);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

/** A way to a server that counts how often somebody has to wait for it. */
async function counting(server: string): Promise<{ url: string; rounds(): number }> {
  let [rounds, underWay] = [0, 0];
  const passes = (): boolean => {
    if (underWay++ === 0) rounds++;
    return true;
  };
  const url = await wayTo(server, passes, async () => {
    // As from far away, so that what is asked at once is under way at once.
    await delay(100);
    underWay--;
  });
  return { url, rounds: () => rounds };
}

/** A way to a server on which something is begun before one request of many, and which is cut off some requests later. */
async function interrupted(server: string, at: number, begin: () => void, later: number) {
  let requests = 0;
  const url = await wayTo(server, () => {
    if (++requests === at) begin();
    return requests < at + later;
  });
  return { url, requests: () => requests };
}

describe.skipIf(!hasQdrant)(`passages on Qdrant${qdrantSkipReason}`, () => {
  test('score as in the embedded index, however they came: lengths and the mean follow while there are few', async () => {
    const { retriever: embedded, backfill } = await embeddedPorts.retriever();
    const qdrant = await openQdrant();
    for (const [from, to] of [
      [0, 3],
      [3, 30],
      [30, 80],
    ] as const) {
      for (const index of [embedded, qdrant]) await index.upsert(numbered(from, to), testCall());
      for (const index of [backfill, qdrant]) await embed(index, vectorOf);
      await expectSameScores(embedded, qdrant, 'words', 'word passage 5');
      await expectSameScores(embedded, qdrant, 'meaning', 'passage 7');
    }
    for (const index of [embedded, qdrant]) {
      await index.remove(
        numbered(10, 80).map(({ id }) => id),
        testCall(),
      );
      expect(await index.stats(testCall())).toMatchObject({ documents: 10, chunks: 10, embedded: 10 });
    }
    await expectSameScores(embedded, qdrant, 'words', 'word passage 5');
    await expectSameScores(embedded, qdrant, 'meaning', 'passage 7');
  });

  test('are found by a process that had searched before another one gave them another mean', async () => {
    const settings = await qdrantSettings();
    const [one, other] = [createQdrantIndex(settings), createQdrantIndex(settings)];
    await one.upsert(numbered(0, 10), testCall());
    await embed(one, vectorOf);
    const before = await scores(other, 'meaning', 'passage 7');
    expect(before.size).toBe(10);

    await one.upsert(numbered(10, 60), testCall());
    await embed(one, vectorOf);

    const [fresh, seen] = [
      await scores(one, 'meaning', 'passage 7'),
      await scores(other, 'meaning', 'passage 7'),
    ];
    expect(seen).toEqual(fresh);
    expect(seen.get('d/3')).not.toBeCloseTo(before.get('d/3') ?? 0, 3);
    // And what the other one writes now belongs to the vectors that serve.
    await other.upsert([documentOf('late', ['passage 7 again'])], testCall());
    expect(await embed(other, vectorOf)).toBe(1);
    expect((await scores(one, 'meaning', 'passage 7')).get('late')).toBeCloseTo(seen.get('d/7') ?? 0, 5);
  });

  describe('while other processes change what a search needs', () => {
    /** A search that knows the passages as they were before, so many times. */
    async function outdated(times: number) {
      const settings = await qdrantSettings();
      await createQdrantIndex(settings).upsert(numbered(0, 3), testCall());
      const collection = openCollection(connect(settings));
      let left = times;
      return createSearching({
        ...collection,
        whereThere: (call, none, work) =>
          collection.whereThere(call, none, (manifest) =>
            work(left-- > 0 ? { ...manifest, revision: manifest.revision - 1 } : manifest),
          ),
      });
    }
    const wanted = {
      words: parseWordQuery('passage'),
      scoredWords: parseWordQuery('passage'),
      ...{ byWords: 10, byMeaning: 0, vector: Promise.resolve(undefined), selection: {} },
    };

    test('it is tried again', async () => {
      const { byWords } = await (await outdated(2)).candidates(wanted, testCall());
      expect(byWords).toHaveLength(3);
    });

    test('it fails in the end, instead of finding nothing', async () => {
      const searching = await outdated(Number.POSITIVE_INFINITY);
      await expect(searching.candidates(wanted, testCall())).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringMatching(/being changed.*[Tt]ry again/),
      });
    });
  });

  test('are all there after two processes wrote at once, with one set of words and vectors', async () => {
    const settings = await qdrantSettings();
    const [one, other] = [createQdrantIndex(settings), createQdrantIndex(settings)];
    const fill = async (index: Retriever & Backfill, from: number): Promise<void> => {
      for (let at = from; at < from + 60; at += 10) {
        await index.upsert(numbered(at, at + 10), testCall());
        await embed(index, vectorOf);
      }
    };
    await Promise.all([fill(one, 0), fill(other, 100)]);
    for (const index of [one, other]) while ((await embed(index, vectorOf)) > 0);
    expect(await one.stats(testCall())).toMatchObject({ documents: 120, chunks: 120, embedded: 120 });
    expect(await found(other, 'passage')).toHaveLength(120);
    expect((await scores(one, 'meaning', 'passage 7')).size).toBe(120);
  });

  describe('are found once they are acknowledged, whatever happens while others are given words again', () => {
    /** The tenth passage doubles what the average length was made of. */
    async function race(at: number, later: number): Promise<number> {
      const settings = await qdrantSettings();
      const [calm, reader] = [createQdrantIndex(settings), createQdrantIndex(settings)];
      await calm.upsert(numbered(0, 5), testCall());
      const acknowledged = numbered(0, 5).map(({ id }) => id);
      const add = async (index: Retriever, from: number, to: number): Promise<void> => {
        await index.upsert(numbered(from, to), testCall());
        acknowledged.push(...numbered(from, to).map(({ id }) => id));
      };
      let adding: Promise<unknown> | undefined;
      const begin = (): void => {
        adding = Promise.all([add(calm, 100, 106), add(reader, 200, 202)]);
      };
      const way = await interrupted(settings.url, at, begin, later);
      const hasty = createQdrantIndex({ ...settings, url: way.url });
      await add(hasty, 10, 16).catch(() => {});
      await adding;
      const there = new Set(await found(reader, 'passage'));
      expect(acknowledged.filter((id) => !there.has(id))).toEqual([]);
      return way.requests();
    }

    // The engine's front takes a second for each, and one at a time.
    const [atOnce, every] = isTrueQdrant ? [6, 1] : [1, 5];
    test.each([3, 8])('and one is cut off %i requests later', async (later) => {
      let requests = Number.POSITIVE_INFINITY;
      for (let at = 1; at <= requests; at += atOnce * every) {
        const made = await Promise.all(Array.from({ length: atOnce }, (_, i) => race(at + i, later)));
        requests = Math.min(...made);
      }
    });
  });

  test('are asked for twice a search, whatever it looks for', async () => {
    const settings = await qdrantSettings();
    const { url, rounds } = await counting(settings.url);
    const index = createQdrantIndex({ ...settings, url });
    await index.upsert(numbered(0, 30), testCall());
    await embed(index, vectorOf);
    const query = parseWordQuery('"passage 3" wor* word passage 5 of many');
    const vector = Promise.resolve({ values: Float32Array.from(vectorOf('7')), space });
    const selection = { within: 'd/', filter: '{"type":"text","modified":{"$exists":false}}' };
    const asked = { words: query, scoredWords: query, vector, selection, byWords: 10, byMeaning: 10 };
    // Which languages passages have is asked for every few seconds.
    await index.candidates(asked, testCall());
    const before = rounds();
    const [{ scored }] = await Promise.all([index.candidates(asked, testCall()), index.stats(testCall())]);
    await index.fetch(
      scored.map(({ chunk }) => chunk),
      testCall(),
    );
    expect(scored.length).toBeGreaterThan(5);
    expect(rounds() - before).toBe(2);
  });

  test.each<[string, string[]]>([
    ['"read file"', ['code', 'words']],
    ['"the READ-file"', ['words']],
    ['"file it"', ['code']],
    ['"it file"', []],
    ['"燃料電池"', ['japanese']],
    ['"水素 燃料"', []],
    ['水素*', ['japanese']],
    ['stor*', ['words']],
    ['storing*', ['words']],
    ['stx*', []],
    ['"Über uns"', ['code']],
  ])('%s finds what it finds in the embedded index', async (query, wanted) => {
    const documents = [
      documentOf('code', ['readFile and read file. It is über uns']),
      documentOf('words', ['The read, file', 'It is stored, as stores store']),
      documentOf('japanese', ['水素燃料電池の車']),
    ];
    const { retriever: embedded } = await embeddedPorts.retriever();
    const qdrant = await openQdrant();
    for (const index of [embedded, qdrant]) {
      await index.upsert(documents, testCall());
      expect([...new Set(await found(index, query))].sort()).toEqual(wanted);
    }
  });

  test('may have been deleted with their collection, which is then made again', async () => {
    const settings = await qdrantSettings();
    const index = createQdrantIndex(settings);
    await index.upsert(numbered(0, 3), testCall());
    const [first] = await byWords(index, 'passage');
    await new QdrantClient({ ...endpointOf(settings.url), checkCompatibility: false }).deleteCollection(
      settings.collection,
    );
    expect(await found(index, 'passage')).toEqual([]);
    expect(await index.fetch([first?.chunk ?? 1], testCall())).toEqual([]);
    expect(await index.stats(testCall())).toEqual({ documents: 0, chunks: 0, embedded: 0 });
    await index.remove(['d/1'], testCall());
    await index.upsert(numbered(0, 2), testCall());
    expect(await found(index, 'passage')).toHaveLength(2);
  });

  test('are not written among what somebody else has in the collection', async () => {
    const settings = await qdrantSettings();
    const client = new QdrantClient({ ...endpointOf(settings.url), checkCompatibility: false });
    await client.createCollection(settings.collection, {
      vectors: { text: { size: 2, distance: 'Cosine' } },
    });
    await client.upsert(settings.collection, { points: [{ id: 1, vector: { text: [1, 0] } }], wait: true });
    const index = createQdrantIndex(settings);
    await expect(index.upsert([documentOf('a', ['alpha'])], testCall())).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/holds points that are not Hydrogen's.*qdrantCollection/),
    });
    expect(await found(index, 'alpha')).toEqual([]);
  });
});
