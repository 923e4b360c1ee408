import { expect, test } from 'vitest';
import type { ChunkPlace } from '../../../src/stores/index/types.ts';
import { testCall } from '../../support/call.ts';
import { documentOf, openIndex } from './support.ts';

test('a passage keeps its place, and a page is found by its number', async () => {
  const index = await openIndex();
  const places: readonly ChunkPlace[] = [{ page: 1 }, { page: 3 }, { page: 3 }];
  const document = documentOf('a.pdf', 'one', 'two', 'three');
  const chunks = document.chunks.map((chunk, i) => {
    const place = places[i];
    return place ? { ...chunk, place } : chunk;
  });
  await index.upsert([{ ...document, chunks }, documentOf('b.txt', 'text')], testCall());

  expect(await index.fetch([2], testCall())).toMatchObject([{ text: 'two', place: { page: 3 } }]);
  expect(await index.page('a.pdf', 3, testCall())).toEqual({ lines: [2, 3], last: 3 });
  expect(await index.page('a.pdf', 2, testCall())).toEqual({ last: 3 });
  expect(await index.page('b.txt', 1, testCall())).toBeUndefined();
});
