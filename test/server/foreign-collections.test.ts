// Collections of a Qdrant server that other programs fill, searched by a mapping in the settings.
import { cp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@modelcontextprotocol/client';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { GivenSettings } from '../../src/config.ts';
import { packagedModel } from '../../src/embeddings/models.ts';
import { call, failure, rowsOf, summaryOf } from '../support/answers.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { connected } from '../support/connected.ts';
import { foreignCollection, uuidOf, vectorsOf } from '../support/servers/foreign-collection.ts';
import { hasQdrant, qdrantSkipReason } from '../support/servers/qdrant.ts';

type GivenCollection = NonNullable<GivenSettings['qdrantCollections']>[number];
type Mapping = Partial<GivenCollection>;

const vectorName = 'fast-all-minilm-l6-v2';

const memories = [
  {
    document: 'The gas alarm is tested on the first Monday of the month.',
    metadata: {
      topic: 'safety',
      tags: ['gas', 'alarm'],
      year: 2025,
      authors: [{ name: 'Ada' }, { name: 'Bo' }],
    },
  },
  {
    document: 'Electricity makes up most of the cost of electrolysis.',
    metadata: { topic: 'economy', tags: ['cost'], year: 2024, authors: [{ name: 'Cy' }] },
  },
  { document: 'The canteen is closed on Fridays.', metadata: null },
];

/** As mcp-server-qdrant writes: a named vector, `document` and `metadata`. */
async function memoryCollection(): Promise<Awaited<ReturnType<typeof foreignCollection>>> {
  const vectors = await vectorsOf(memories.map(({ document }) => document));
  return foreignCollection(
    { [vectorName]: { size: vectors[0]?.length ?? 0, distance: 'Cosine' } },
    memories.map((payload, n) => ({
      id: uuidOf(n + 1),
      vector: { [vectorName]: vectors[n] ?? [] },
      payload,
    })),
  );
}

const mapped = (given: Mapping): GivenCollection => ({
  name: 'memories',
  collection: 'notes',
  vector: vectorName,
  text: 'document',
  metadata: 'metadata',
  model: packagedModel,
  ...given,
});

/** A client of a server that searches a collection; `settings` are its other settings. */
async function searching(mapping: Mapping, settings: Partial<GivenSettings> = {}) {
  return connected({
    settings: { qdrantCollections: [mapped(mapping)], serverTimeoutMs: 20_000, ...settings },
  });
}

async function searchingMemories(
  mapping: Mapping = {},
  settings: Partial<GivenSettings> = {},
): Promise<Client> {
  return (await searching({ ...(await memoryCollection()), ...mapping }, settings)).client;
}

const documentsOf = (answer: Parameters<typeof rowsOf>[0]): unknown[] =>
  rowsOf(answer).map(({ document }) => document);

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Filters, and which of the memories they match. */
const filters: [Record<string, unknown>, number[]][] = [
  [{ topic: 'safety' }, [1]],
  [{ 'metadata.topic': { $in: ['economy', 'other'] } }, [2]],
  [{ tags: 'alarm' }, [1]],
  [{ year: { $gte: 2024, $lt: 2025 } }, [2]],
  [{ year: 2025 }, [1]],
  [{ 'authors.name': 'Bo' }, [1]],
  [{ topic: { $ne: 'safety' } }, [2, 3]],
  [{ topic: { $regex: '^eco' } }, [2]],
  [{ topic: null }, [3]],
  [{ $or: [{ topic: 'economy' }, { tags: { $size: 2 } }] }, [1, 2]],
  [{ source: 'memories' }, [1, 2, 3]],
  [{ source: 'docs' }, []],
  [{ document: `memories/${uuidOf(2)}` }, [2]],
  [{ year: '2025' }, []],
  [{ year: { $gt: { $date: '2020-01-01T00:00:00Z' } } }, []],
];

describe.skipIf(!hasQdrant)(`a collection as mcp-server-qdrant writes it${qdrantSkipReason}`, () => {
  test('is searched by meaning, with what was written to it', async () => {
    const client = await searchingMemories();
    const answer = await call(client, 'search', { query: 'When is the leak detector checked?' });
    expect(rowsOf(answer)[0]).toMatchObject({
      document: `memories/${uuidOf(1)}`,
      title: 'The gas alarm is tested on the first Monday of the month.',
      lines: '1',
      metadata: { topic: 'safety', year: 2025 },
      text: 'The gas alarm is tested on the first Monday of the month.',
    });
  });

  test('is searched with the library, rank by rank, and the answer says what comes from where', async () => {
    const { app, client } = await searching(await memoryCollection());
    for (const name of ['one', 'two']) {
      const text = `Gas alarms are loud. This is page ${name}.`;
      await app.library.add({ name, text, type: 'text', metadata: {} }, testCall());
    }
    const answer = await call(client, 'search', { query: 'gas alarms', limit: 4 });
    expect(documentsOf(answer).map((id) => String(id).split('/')[0])).toEqual([
      'inline',
      'memories',
      'inline',
      'memories',
    ]);
    expect(summaryOf(answer)).toMatch(
      /2 of these are from the library, 2 from "memories", by meaning only.*cannot be compared/,
    );
  });

  test('is searched alone within its name', async () => {
    const { app, client } = await searching(await memoryCollection());
    await app.library.add({ name: 'one', text: 'Gas alarms.', type: 'text', metadata: {} }, testCall());
    const answer = await call(client, 'search', { query: 'gas alarms', within: 'memories/' });
    expect(documentsOf(answer)).not.toContain('inline/one');
    expect(summaryOf(answer)).toMatch(/"memories" is compared by meaning only/);
  });

  test('is not searched within another name', async () => {
    const client = await searchingMemories();
    const answer = await call(client, 'search', { query: 'gas', within: 'inline/' });
    expect(rowsOf(answer)).toEqual([]);
  });

  test('is not searched by words, and the answer says so', async () => {
    const client = await searchingMemories();
    expect(summaryOf(await call(client, 'search', { query: 'gas', mode: 'keyword' }))).toMatch(
      /"memories" was not searched\. "memories" is compared by meaning only/,
    );
    expect(await failure(client, 'search', { query: 'gas', mode: 'keyword', within: 'memories/' })).toMatch(
      /compared by meaning only: search it with mode "hybrid"/,
    );
  });

  test('an exact phrase cannot be asked of it, and the answer says so', async () => {
    const client = await searchingMemories();
    const answer = await call(client, 'search', { query: '"gas alarm"', within: 'memories/' });
    expect(summaryOf(answer)).toMatch(/quotation marks and \* do not count/);
  });

  test('filters mean what they mean in the library', async () => {
    const client = await searchingMemories();
    const found: [Record<string, unknown>, number[]][] = [];
    for (const [filter] of filters) {
      const answer = await call(client, 'search', { query: 'gas', within: 'memories/', filter });
      const numbers = documentsOf(answer).map((id) => Number(String(id).slice(-1)));
      found.push([filter, numbers.sort()]);
    }
    expect(found).toEqual(filters);
  });

  test('a document that is found can be read', async () => {
    const client = await searchingMemories();
    const answer = await call(client, 'get_document', { id: `memories/${uuidOf(3)}` });
    expect(summaryOf(answer)).toMatch(/lines 1-1 of 1\. This is the end/);
    expect(JSON.stringify(answer.content)).toContain('The canteen is closed on Fridays.');
  });

  test('a document that is not there is said to be of that collection', async () => {
    const client = await searchingMemories();
    expect(await failure(client, 'get_document', { id: 'memories/canteen' })).toMatch(
      /no document "memories\/canteen".*Qdrant collection that others fill/,
    );
  });

  test('its documents are listed within its name, page by page', async () => {
    const client = await searchingMemories();
    const first = await call(client, 'list_documents', { within: 'memories/', limit: 2 });
    const cursor = /cursor "([^"]+)"/.exec(summaryOf(first))?.[1];
    const second = await call(client, 'list_documents', { within: 'memories/', limit: 2, cursor });
    expect([...rowsOf(first), ...rowsOf(second)].map(({ id }) => id)).toEqual(
      [1, 2, 3].map((n) => `memories/${uuidOf(n)}`),
    );
    expect(summaryOf(second)).toMatch(/End of results/);
  });

  test('the list of all documents says where its own are', async () => {
    const client = await searchingMemories();
    expect(summaryOf(await call(client, 'list_documents'))).toMatch(/Not listed here: within "memories\/"/);
  });

  test('the documents similar to one of it are of it', async () => {
    const client = await searchingMemories();
    const rows = rowsOf(await call(client, 'similar_documents', { id: `memories/${uuidOf(1)}` }));
    expect(rows.map(({ document }) => document).sort()).toEqual([2, 3].map((n) => `memories/${uuidOf(n)}`));
  });

  test('it is a source, with the number of its points', async () => {
    const client = await searchingMemories();
    const answer = await call(client, 'list_sources');
    expect(rowsOf(answer)).toEqual([{ name: 'memories', kind: 'qdrant', model: packagedModel, points: 3 }]);
  });

  test('it is a part of health', async () => {
    const client = await searchingMemories();
    const { structuredContent } = await call(client, 'health');
    const { parts } = structuredContent as unknown as { parts: { name: string; state: string }[] };
    expect(parts.find(({ name }) => name === 'qdrant memories')).toMatchObject({ state: 'up' });
  });

  test('nothing of it is removed', async () => {
    const client = await searchingMemories({}, { enableIngest: true });
    expect(await failure(client, 'remove_document', { id: `memories/${uuidOf(1)}` })).toMatch(
      /that others fill.*never changed here/,
    );
    expect(await failure(client, 'remove_source', { name: 'memories' })).toMatch(/never changed here/);
    expect(rowsOf(await call(client, 'search', { query: 'gas', within: 'memories/' }))).toHaveLength(3);
  });

  test('its model is another one than that of the library', async () => {
    const folder = join(await temporaryDirectory(), 'other-model');
    const packaged = fileURLToPath(new URL('../../models/hydrogen-embed-small-en', import.meta.url));
    await cp(packaged, folder, { recursive: true });
    await writeFile(join(folder, 'README.md'), 'another model');
    const client = await searchingMemories({ model: folder }, { embeddingModel: packagedModel });
    const answer = await call(client, 'search', { query: 'leak detector', within: 'memories/' });
    expect(documentsOf(answer)[0]).toBe(`memories/${uuidOf(1)}`);
    expect(rowsOf(await call(client, 'list_sources'))[0]).toMatchObject({ model: 'other-model' });
  });

  test('a prefix of the mapping is put before a question instead of that of the model', async () => {
    const client = await searchingMemories({ queryPrefix: 'The canteen is closed on Fridays. ' });
    const answer = await call(client, 'search', { query: 'closed', within: 'memories/' });
    expect(rowsOf(answer)[0]).toMatchObject({ document: `memories/${uuidOf(3)}` });
    expect(Number(rowsOf(answer)[0]?.['similarity'])).toBeGreaterThan(0.9);
  });
});

describe.skipIf(!hasQdrant)(`a collection of another program${qdrantSkipReason}`, () => {
  const texts = ['Valves are shut by hand.', 'Compressors run at night.'];

  test('LangChain: no name of the vector, `page_content`', async () => {
    const vectors = await vectorsOf(texts);
    const found = await foreignCollection(
      { size: vectors[0]?.length ?? 0, distance: 'Cosine' },
      texts.map((text, n) => ({
        id: n + 1,
        vector: vectors[n] ?? [],
        payload: { page_content: text, metadata: { source: 'manual.pdf', page: n } },
      })),
    );
    const { vector: _, ...mapping } = mapped({ ...found, text: 'page_content', document: 'metadata.source' });
    const { client } = await connected({ settings: { qdrantCollections: [mapping] } });
    const answer = await call(client, 'search', { query: 'closing a valve', filter: { page: 0 } });
    expect(rowsOf(answer)).toMatchObject([{ document: 'memories/manual.pdf#1', text: texts[0] }]);
    expect(summaryOf(await call(client, 'get_document', { id: 'memories/manual.pdf#1' }))).toMatch(/Valves/);
  });

  test('LlamaIndex: text in JSON in a text, metadata beside it', async () => {
    const vectors = await vectorsOf(texts);
    const found = await foreignCollection(
      { 'text-dense': { size: vectors[0]?.length ?? 0, distance: 'Cosine' } },
      texts.map((text, n) => ({
        id: uuidOf(n + 1),
        vector: { 'text-dense': vectors[n] ?? [] },
        payload: { _node_content: JSON.stringify({ text }), file_name: 'manual.pdf', page_label: String(n) },
      })),
    );
    const mapping = { text: '_node_content.text', document: 'file_name', metadata: '', vector: 'text-dense' };
    const { client } = await searching({ ...found, ...mapping });
    const answer = await call(client, 'search', { query: 'closing a valve', filter: { page_label: '0' } });
    expect(rowsOf(answer)).toMatchObject([
      { document: `memories/manual.pdf#${uuidOf(1)}`, text: texts[0], metadata: { page_label: '0' } },
    ]);
  });

  test('one document of it is searched within its name, though that is a UUID like those of points', async () => {
    const vectors = await vectorsOf(texts);
    const [one, other] = [uuidOf(100), uuidOf(200)];
    const found = await foreignCollection(
      { 'text-dense': { size: vectors[0]?.length ?? 0, distance: 'Cosine' } },
      texts.map((text, n) => ({
        id: uuidOf(n + 1),
        vector: { 'text-dense': vectors[n] ?? [] },
        payload: { _node_content: JSON.stringify({ text }), ref_doc_id: n === 0 ? one : other },
      })),
    );
    const mapping = {
      text: '_node_content.text',
      document: 'ref_doc_id',
      metadata: '',
      vector: 'text-dense',
    };
    const { client } = await searching({ ...found, ...mapping });
    const within = async (inside: string): Promise<unknown[]> =>
      documentsOf(await call(client, 'search', { query: 'compressors', within: inside }));
    const point = `memories/${one}#${uuidOf(1)}`;
    expect(await within(`memories/${one}`)).toEqual([point]);
    expect(await within(point)).toEqual([point]);
  });

  test('points with numbers beyond 2^53 are listed to their end, and read', async () => {
    const [vector = []] = await vectorsOf(texts);
    const numbers = [1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 64n - 2n, 2n ** 64n - 1n];
    const found = await foreignCollection(
      { [vectorName]: { size: vector.length, distance: 'Cosine' } },
      numbers.map((id) => ({
        // As the client takes it, which its types do not say.
        id: id as unknown as number,
        vector: { [vectorName]: vector },
        payload: { document: `Point ${id}.`, metadata: { serial: id } },
      })),
    );
    const { client } = await searching(found);
    const ids: unknown[] = [];
    for (let cursor: string | undefined, page = 0; page === 0 || (cursor && page < 10); page++) {
      const asked = { within: 'memories/', limit: 1, ...(cursor !== undefined && { cursor }) };
      const answer = await call(client, 'list_documents', asked);
      ids.push(...rowsOf(answer).map(({ id }) => id));
      cursor = /cursor "([^"]+)"/.exec(summaryOf(answer))?.[1];
    }
    expect(ids).toEqual(numbers.map((n) => `memories/${n}`));
    for (const n of numbers) {
      const answer = await call(client, 'get_document', { id: `memories/${n}` });
      expect(JSON.stringify(answer.content)).toContain(`Point ${n}.`);
    }
    const rows = rowsOf(await call(client, 'search', { query: 'valves', within: 'memories/', limit: 10 }));
    expect(rows.map(({ document }) => document).sort()).toEqual(ids.toSorted());
  });

  test('points without text are left out, and counted', async () => {
    const vectors = await vectorsOf(texts);
    const found = await foreignCollection(
      { [vectorName]: { size: vectors[0]?.length ?? 0, distance: 'Cosine' } },
      texts.map((text, n) => ({
        id: n + 1,
        vector: { [vectorName]: vectors[n] ?? [] },
        payload: n === 0 ? { document: text } : { content: text },
      })),
    );
    const { client } = await searching(found);
    const answer = await call(client, 'search', { query: 'compressors', within: 'memories/' });
    expect(documentsOf(answer)).toEqual(['memories/1']);
    expect(summaryOf(answer)).toMatch(/1 of the nearest points of "memories" have no text/);
  });

  test('a text that was written twice is one hit', async () => {
    const [vector = []] = await vectorsOf(texts);
    const found = await foreignCollection(
      { [vectorName]: { size: vector.length, distance: 'Cosine' } },
      [1, 2].map((id) => ({ id, vector: { [vectorName]: vector }, payload: { document: texts[0] } })),
    );
    const { client } = await searching(found);
    const rows = rowsOf(await call(client, 'search', { query: 'valves', within: 'memories/' }));
    expect(rows).toHaveLength(1);
    expect(rows[0]?.['also_in']).toHaveLength(1);
  });

  const eight = { [vectorName]: { size: 8, distance: 'Cosine' } } as const;

  test('one whose vectors are of another model is named, and the library answers', async () => {
    const found = await foreignCollection(eight, [
      { id: 1, vector: { [vectorName]: [1, 0, 0, 0, 0, 0, 0, 0] }, payload: { document: 'Gas.' } },
    ]);
    const { app, client } = await searching(found);
    await app.library.add({ name: 'one', text: 'Gas alarms.', type: 'text', metadata: {} }, testCall());
    const answer = await call(client, 'search', { query: 'gas alarms' });
    expect(documentsOf(answer)).toEqual(['inline/one']);
    expect(summaryOf(answer)).toMatch(
      /"memories" was not searched\. The vectors of "memories" have 8 dimensions, and those of its model "hydrogen-embed-small-en" \d+: set "model"/,
    );
  });

  test('one whose model is not there says so by the name of the mapping', async () => {
    const found = await foreignCollection(eight, []);
    const { client } = await searching({ ...found, model: './no-such-folder' });
    expect(await failure(client, 'search', { query: 'gas', within: 'memories/' })).toMatch(
      /no embedding model "no-such-folder".*Change the setting qdrantCollections \("model" of "memories"\)/,
    );
  });

  test('one without the named vector says which there are', async () => {
    const found = await foreignCollection(eight, []);
    const { client } = await searching({ ...found, vector: 'dense' });
    expect(await failure(client, 'search', { query: 'gas', within: 'memories/' })).toMatch(
      /has no vector "dense": set "vector" to "fast-all-minilm-l6-v2"/,
    );
  });

  test('one that is missing is named, by health too', async () => {
    const { url } = await foreignCollection(eight, []);
    const { client } = await searching({ url, collection: 'nothing-here' });
    const sentence = /The Qdrant server of "memories" has no collection "nothing-here"/;
    expect(await failure(client, 'search', { query: 'gas', within: 'memories/' })).toMatch(sentence);
    const { structuredContent } = await call(client, 'health');
    expect(JSON.stringify(structuredContent)).toMatch(/has no collection \\"nothing-here\\"/);
    expect(rowsOf(await call(client, 'list_sources'))[0]?.['problem']).toMatch(/nothing-here/);
  });

  test('of 2,000 points, a filter finds the few that match, however far they are', async () => {
    const [[size = 0] = []] = [(await vectorsOf(['x'])).map((vector) => vector.length)];
    const vectorAt = (n: number): number[] =>
      Array.from({ length: size }, (_, i) => Math.sin(1 + n * 12.9898 + i * 78.233));
    const found = await foreignCollection(
      { [vectorName]: { size, distance: 'Cosine' } },
      Array.from({ length: 2_000 }, (_, n) => ({
        id: n + 1,
        vector: { [vectorName]: vectorAt(n) },
        payload: { document: `Memory ${n}.`, metadata: { shelf: n % 400 } },
      })),
    );
    const { client } = await searching(found);
    const asked = { query: 'gas', within: 'memories/', limit: 10 };
    const exact = await call(client, 'search', { ...asked, filter: { shelf: 7 } });
    expect(
      rowsOf(exact)
        .map(({ text }) => text)
        .sort(),
    ).toEqual([1207, 1607, 407, 7, 807].map((n) => `Memory ${n}.`));
    expect(summaryOf(exact)).not.toMatch(/looked at/);
    const undecided = await call(client, 'search', { ...asked, filter: { shelf: { $mod: [400, 7] } } });
    expect(summaryOf(undecided)).toMatch(
      /the 1,000 nearest points were looked at.*others behind them may match/,
    );
    expect(rowsOf(await call(client, 'search', asked))).toHaveLength(10);
  });
});

test('a server that is away costs a note, and the search of the library nothing else', async () => {
  const url = `http://127.0.0.1:${await closedPort()}`;
  const { app, client } = await searching({ url });
  await app.library.add({ name: 'one', text: 'Gas alarms.', type: 'text', metadata: {} }, testCall());
  const answer = await call(client, 'search', { query: 'gas alarms' });
  expect(documentsOf(answer)).toEqual(['inline/one']);
  expect(summaryOf(answer)).toMatch(
    /"memories" was not searched\. The Qdrant server \(setting qdrantCollections "memories"\) cannot be reached/,
  );
  expect(summaryOf(answer)).not.toContain('127.0.0.1');
  expect(await failure(client, 'search', { query: 'gas', within: 'memories/' })).toMatch(/cannot be reached/);
});

test('a server that hangs costs a note', async () => {
  const server = createServer(() => {});
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const { app, client } = await searching({ url: `http://127.0.0.1:${port}` }, { serverTimeoutMs: 300 });
  await app.library.add({ name: 'one', text: 'Gas alarms.', type: 'text', metadata: {} }, testCall());
  const answer = await call(client, 'search', { query: 'gas alarms' });
  expect(documentsOf(answer)).toEqual(['inline/one']);
  expect(summaryOf(answer)).toMatch(/"memories" was not searched\. .*does not answer/);
});

test('a server that hangs costs the list of sources a few seconds at most, whatever its limit', async () => {
  const server = createServer(() => {});
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const { client } = await searching({ url: `http://127.0.0.1:${port}` }, { serverTimeoutMs: 20_000 });
  const began = Date.now();
  const [row] = rowsOf(await call(client, 'list_sources'));
  expect(row).toMatchObject({ name: 'memories', problem: 'Its server did not answer in time.' });
  expect(Date.now() - began).toBeLessThan(8_000);
});
