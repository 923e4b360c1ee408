import { expect, test } from 'vitest';
import { settings } from '../../src/config.ts';
import type { Library, SearchAnswer } from '../../src/library/types.ts';
import { createMemoryCache } from '../../src/stores/cache/memory.ts';
import { search } from '../../src/tools/search.ts';
import { testCall } from '../support/call.ts';
import { openedApp } from '../support/connected.ts';

/** How often the library is searched for the same question, asked twice of an index on a server. */
async function searchesFor(answer: Partial<SearchAnswer>): Promise<number> {
  const app = await openedApp();
  const given = { dataDir: 'unused', qdrantUrl: 'http://localhost:6333', answerCacheMs: 60_000 };
  let times = 0;
  const library: Library = {
    ...app.library,
    async search() {
      times++;
      return { hits: [], mode: 'hybrid', notes: [], chunks: 3, embedded: 1, ...answer };
    },
  };
  const context = {
    ...app,
    ...{ library, config: settings.parse(given), cache: createMemoryCache(), call: testCall() },
  };
  const args = search.input.parse({ query: 'steel bottles' });
  await search.run(args, context);
  await search.run(args, context);
  return times;
}

test('an answer whose notes last as long as the documents is kept', async () => {
  const note = 'For 2 of 3 passages meaning was not used: the embedding model does not know their writing.';
  expect(await searchesFor({ notes: [note] })).toBe(1);
});

test('an answer that vectors which are being made may better is not kept', async () => {
  const note = '2 of 3 passages have no vector yet and were searched by keyword only.';
  expect(await searchesFor({ notes: [note], isProvisional: true })).toBe(2);
});

test('an answer by words instead of meaning is not kept', async () => {
  expect(await searchesFor({ mode: 'keyword' })).toBe(2);
});
