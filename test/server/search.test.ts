import { expect, test } from 'vitest';
import { packagedModel } from '../../src/embeddings/models.ts';
import { call, failure, rowsOf, summaryOf } from '../support/answers.ts';
import { testCall } from '../support/call.ts';
import { connected, type Setting } from '../support/connected.ts';

const valve = '# Valves\n\n## Closing\n\nTurn the valve slowly to the right.\n\n## Opening\n\nTo the left.\n';
const tank = '# Tanks\n\nThe tank of the ferry is filled at night.\n';

async function library(more: Setting['settings'] = {}) {
  const connection = await connected({ settings: { enableIngest: true, ...more } });
  for (const [name, text, year] of [
    ['valves', valve, 2025],
    ['tanks', tank, 2026],
  ] as const) {
    await connection.app.library.add({ name, text, type: 'markdown', metadata: { year } }, testCall());
  }
  return connection;
}

test('a document without text is like no other, and the answer says why', async () => {
  const { client } = await connected({ settings: { enableIngest: true } });
  await client.callTool({ name: 'add_document', arguments: { name: 'nothing', text: '\n' } });

  expect(await failure(client, 'similar_documents', { id: 'inline/nothing' })).toMatch(/has no text/);
});

test('search cites the lines, takes a filter on front matter, and explains a score', async () => {
  const { client } = await library();
  const answer = await call(client, 'search', {
    query: 'valve OR tank',
    mode: 'keyword',
    filter: { year: { $lt: 2026 } },
    explain: true,
  });
  expect(summaryOf(answer)).toMatch(
    /^\d passages? from 1 document.*Order: by words, score = bm25 \/ [\d.]+, the best\./,
  );
  expect(rowsOf(answer)[0]).toMatchObject({
    document: 'inline/valves',
    lines: '5',
    title: 'Valves',
    heading: 'Closing',
    score: 1,
    score_of: { rank_by_words: 1 },
  });
});

test('how the order came about is explained with the figures of the question', async () => {
  const { client } = await library({ embeddingModel: packagedModel });
  const answer = await call(client, 'search', { query: 'how is the valve turned', explain: true });
  expect(summaryOf(answer)).toMatch(
    /best first \(hybrid\)\. Order: by words and meaning, score = [\d.]+ x \(bm25 \/ [\d.]+\)\^1\.5 \+ [\d.]+ x similarity, since the best passage by words has \d+ % of the question and the nearest has a similarity of [\d.]+\./,
  );
});

test('explain says in a line each what was folded, how the order came about, and which languages were looked up', async () => {
  const connection = await connected({ settings: { enableIngest: true } });
  const german = 'Der Druck im Tank wird zweimal am Tag geprüft, und das Ventil ist dabei geschlossen.';
  for (const [name, text] of [
    ['deutsch', german],
    ['kopie', german],
    ['english', 'The pressure of the tank is checked twice a day, and the valve is closed.'],
  ] as const) {
    await connection.app.library.add({ name, text, type: 'text', metadata: {} }, testCall());
  }
  const { client } = connection;
  const answer = await call(client, 'search', {
    query: 'Wie oft wird der Druck der Tanks geprüft?',
    mode: 'keyword',
    explain: true,
  });
  const summary = summaryOf(answer);
  expect(summary).toMatch(/score = bm25 \/ [\d.]+, the best\./);
  expect(summary).toMatch(
    /Folding: 1 passage was folded into one that is shown, .*same words, numbers and signs/,
  );
  expect(summary).toMatch(/Language: .* looked up by their stems in English, German,/);
  expect(rowsOf(answer)[0]).toMatchObject({ language: 'de', also_in: [expect.stringMatching(/^inline\//)] });
  expect(rowsOf(answer)).toContainEqual(
    expect.objectContaining({ document: 'inline/english', language: 'en' }),
  );
});

test('a filter cannot hide JavaScript', async () => {
  const { client } = await library();
  expect(await failure(client, 'search', { query: 'valve', filter: { $where: 'true' } })).toMatch(/\$where/);
});

test('part of a document is read by its lines', async () => {
  const { client } = await library();
  const answer = await call(client, 'get_document', { id: 'inline/valves', from_line: 3, to_line: 5 });
  expect(summaryOf(answer)).toMatch(/lines 3-5 of \d.*from_line 6/);
  expect(JSON.stringify(answer.content)).toContain('## Closing\\n\\nTurn the valve');
  expect(JSON.stringify(answer.content)).not.toContain('Opening');
  expect(await failure(client, 'get_document', { id: 'inline/valves', page: 2 })).toMatch(/has no pages/);
  expect(await failure(client, 'get_document', { id: 'inline/valves', page: 2, from_line: 1 })).toMatch(
    /^Give either "page" or lines/,
  );
});

test('sources are listed, and one is removed with its documents', async () => {
  const { client } = await library();
  expect(rowsOf(await call(client, 'list_sources'))).toMatchObject([
    { name: 'inline', kind: 'inline', documents: 2, passages: 3 },
  ]);
  const removed = await call(client, 'remove_source', { name: 'inline' });
  expect(removed.structuredContent).toEqual({ removed: 'inline', documents: 2 });
  expect(summaryOf(await call(client, 'list_documents'))).toMatch(/^0 of 0 documents/);
});

test('similar documents of one without a vector is an error with what to do', async () => {
  const { client } = await library();
  expect(await failure(client, 'similar_documents', { id: 'inline/valves' })).toMatch(/no vector yet/);
});
