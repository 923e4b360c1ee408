import { expect, test } from 'vitest';
import { withPassagesIn } from '../../../src/stores/index/passages-elsewhere.ts';
import type { Catalog, Retriever } from '../../../src/stores/index/types.ts';
import { testCall } from '../../support/call.ts';
import { embeddedPorts } from '../../support/embedded-ports.ts';
import { byWords, documentOf, documentsOf } from '../ports.ts';

const written = documentOf('a', ['alpha']);

async function found(retriever: Retriever, text: string): Promise<string[]> {
  const candidates = await byWords(retriever, text);
  return documentsOf(
    retriever,
    candidates.map(({ chunk }) => chunk),
  );
}

const listed = async (catalog: Catalog): Promise<string[]> =>
  (await catalog.list({ limit: 10 }, testCall())).documents.map(({ id }) => id);

const fails = async (): Promise<never> => {
  throw new Error('the process has ended');
};

/** A catalog with its passages elsewhere, and one that ends between the two writes. */
async function interrupted() {
  const { retriever } = await embeddedPorts.retriever();
  const documents = await embeddedPorts.documents();
  const ending = { ...documents, upsert: fails, remove: fails, forget: fails, removeSource: fails };
  return {
    retriever,
    catalog: withPassagesIn(retriever, 'b', documents),
    ending: withPassagesIn(retriever, 'b', ending),
  };
}

test('a document is recorded only once its passages are there, and writing it again completes it', async () => {
  const { retriever, catalog, ending } = await interrupted();
  await expect(ending.upsert([written], testCall())).rejects.toThrow('ended');
  expect([await found(retriever, 'alpha'), await listed(catalog)]).toEqual([['a'], []]);

  await catalog.upsert([written], testCall());

  expect([await found(retriever, 'alpha'), await listed(catalog)]).toEqual([['a'], ['a']]);
});

test('a document is not recorded where its passages cannot be written', async () => {
  const { retriever } = await embeddedPorts.retriever();
  const documents = await embeddedPorts.documents();
  const catalog = withPassagesIn({ ...retriever, upsert: fails, remove: fails }, 'b', documents);
  await expect(catalog.upsert([written], testCall())).rejects.toThrow('ended');
  expect(await listed(catalog)).toEqual([]);
  await documents.upsert([written], testCall());
  await expect(catalog.remove(['a'], testCall())).rejects.toThrow('ended');
  expect(await listed(catalog)).toEqual(['a']);
});

test.each<[string, (catalog: Catalog) => Promise<unknown>]>([
  ['removed', (catalog) => catalog.remove(['inline/a'], testCall())],
  ['forgotten', (catalog) => catalog.forget('inline/a', testCall())],
  ['removed with its source', (catalog) => catalog.removeSource('inline', testCall())],
])('a document that is %s stays recorded until its passages have gone', async (_, remove) => {
  const { retriever, catalog, ending } = await interrupted();
  await catalog.upsert([documentOf('inline/a', ['alpha'])], testCall());
  await expect(remove(ending)).rejects.toThrow('ended');
  expect([await found(retriever, 'alpha'), await listed(catalog)]).toEqual([[], ['inline/a']]);

  expect(await remove(catalog)).toBeTruthy();

  expect(await listed(catalog)).toEqual([]);
});
