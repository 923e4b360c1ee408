import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { withPassagesIn } from '../../../src/stores/index/passages-elsewhere.ts';
import type { Catalog, DocumentCatalog, Retriever } from '../../../src/stores/index/types.ts';
import { temporaryDirectory, testCall } from '../../support/call.ts';
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

const textOf = async (catalog: Catalog, id: string): Promise<string | undefined> =>
  (await catalog.read(id, 1, 100, testCall()))?.text;

/** Whether all documents are as they would be read now. */
const isSettled = async (catalog: Catalog): Promise<boolean> =>
  Object.keys(await catalog.formats(testCall())).every((format) => format === 'test');

const fails = async (): Promise<never> => {
  throw new Error('the process has ended');
};

/** How long these catalogs wait for each other, where a test does not let them. */
const impatientMs = 50;

async function apart() {
  const { retriever } = await embeddedPorts.retriever();
  const documents = await embeddedPorts.documents();
  return {
    ...{ retriever, documents },
    withParts: (
      passages: Partial<Retriever>,
      catalog: Partial<DocumentCatalog> = {},
      patienceMs = impatientMs,
    ): Catalog =>
      withPassagesIn({ ...retriever, ...passages }, 'b', { ...documents, ...catalog }, patienceMs),
  };
}

test.each<[string, Partial<Retriever>, Partial<DocumentCatalog>]>([
  ['before its passages are written', { upsert: fails }, {}],
  ['behind them', {}, { mark: fails }],
])(
  'a document whose writing ends %s is to be read again until it is written',
  async (_, passages, catalog) => {
    const { retriever, withParts } = await apart();
    const ending = withParts(passages, catalog);
    await expect(ending.upsert([written], testCall())).rejects.toThrow('ended');
    expect([await listed(ending), await isSettled(ending)]).toEqual([['a'], false]);
    expect(await ending.unfinished(testCall())).toEqual(['a']);

    const whole = withParts({});
    await whole.upsert([written], testCall());

    expect([await found(retriever, 'alpha'), await listed(whole), await isSettled(whole)]).toEqual([
      ['a'],
      ['a'],
      true,
    ]);
    expect(await ending.unfinished(testCall())).toEqual([]);
  },
);

const removals: [string, (catalog: Catalog) => Promise<unknown>][] = [
  ['removed', (catalog) => catalog.remove(['inline/a'], testCall())],
  ['forgotten', (catalog) => catalog.forget('inline/a', testCall())],
  ['removed with its source', (catalog) => catalog.removeSource('inline', testCall())],
];

test.each(removals)(
  'a document that is %s stays recorded until its passages have gone',
  async (_, remove) => {
    const { retriever, withParts } = await apart();
    const whole = withParts({});
    await whole.upsert([documentOf('inline/a', ['alpha'])], testCall());
    await expect(remove(withParts({ remove: fails, removeSource: fails }))).rejects.toThrow('ended');
    expect([await found(retriever, 'alpha'), await listed(whole)]).toEqual([['inline/a'], ['inline/a']]);
    await expect(remove(withParts({}, { removeMarked: fails, removeSource: fails }))).rejects.toThrow(
      'ended',
    );
    expect([await found(retriever, 'alpha'), await listed(whole)]).toEqual([[], ['inline/a']]);

    expect(await remove(whole)).toBeTruthy();

    expect(await listed(whole)).toEqual([]);
  },
);

test('a removal that was interrupted is completed without being asked for again', async () => {
  const { retriever, withParts } = await apart();
  let isDue = true;
  const catalog = withParts({
    remove: async (...args) => (isDue ? fails() : retriever.remove(...args)),
  });
  await catalog.upsert([written, documentOf('b', ['beta'])], testCall());
  await expect(catalog.remove(['a'], testCall())).rejects.toThrow('ended');
  isDue = false;

  expect(await catalog.unfinished(testCall())).toEqual([]);

  expect([await listed(catalog), await found(retriever, 'alpha')]).toEqual([['b'], []]);
});

test('what is being written is not taken for interrupted, nor for what has to be read again', async () => {
  const { retriever, withParts } = await apart();
  const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const [slow, other] = [
    withParts({
      async upsert(...args) {
        begun.resolve();
        await goOn.promise;
        await retriever.upsert(...args);
      },
    }),
    withParts({}),
  ];
  const writing = slow.upsert([written], testCall());
  await begun.promise;
  for (const catalog of [slow, other]) {
    expect([await catalog.unfinished(testCall()), await isSettled(catalog)]).toEqual([[], true]);
  }
  goOn.resolve();
  await writing;
});

test('what another machine was writing is left to it for ten minutes, of whose process nobody here knows more', async () => {
  const { documents, withParts } = await apart();
  const catalog = withParts({});
  await catalog.upsert([written], testCall());
  const markedFor = async (ms: number): Promise<readonly string[]> => {
    const to = `test, writing ${Date.now() - ms} 1 elsewhere/boot/1 99 123 0123456789ab in b`;
    await documents.mark(['a'], { to }, testCall());
    return catalog.unfinished(testCall());
  };
  expect(await markedFor(9 * 60_000)).toEqual([]);
  expect(await isSettled(catalog)).toBe(true);
  expect(await markedFor(11 * 60_000)).toEqual(['a']);
  expect(await isSettled(catalog)).toBe(false);
});

/** A catalog whose writes to the retriever wait until they are let go, the first time. */
async function held(method: 'upsert' | 'remove') {
  const { retriever, withParts } = await apart();
  const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const hold =
    <Args extends readonly unknown[], Result>(write: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      begun.resolve();
      await goOn.promise;
      return write(...args);
    };
  return {
    ...{ retriever, begun: begun.promise, letGo: goOn.resolve },
    slow: withParts({ [method]: hold(retriever[method] as Retriever['upsert']) }),
    fast: withParts({}),
  };
}

test('a node waits for another that writes the same document, so that neither writes it twice', async () => {
  const { retriever, withParts } = await apart();
  let writes = 0;
  const begun = Promise.withResolvers<void>();
  const slowly: Partial<Retriever> = {
    async upsert(...args) {
      begun.resolve();
      await new Promise((resolve) => setTimeout(resolve, 100));
      writes++;
      await retriever.upsert(...args);
    },
  };
  const [one, other] = [withParts(slowly, {}, 20_000), withParts(slowly, {}, 20_000)];
  const first = one.upsert([documentOf('a', ['first'])], testCall());
  await begun.promise;
  await other.upsert([documentOf('a', ['second'])], testCall());
  await first;

  expect([writes, await textOf(one, 'a'), await found(retriever, 'second')]).toEqual([2, 'second', ['a']]);
});

test('of two nodes that write a document at once, one wins, with its passages', async () => {
  const { retriever, slow, fast, begun, letGo } = await held('upsert');
  const writing = slow.upsert([documentOf('a', ['slow'])], testCall());
  await begun;
  await fast.upsert([documentOf('a', ['fast'])], testCall());
  letGo();
  await writing;

  const [text = '', settled] = [await textOf(slow, 'a'), await isSettled(slow)];
  const passages = [await found(retriever, 'slow'), await found(retriever, 'fast')];
  expect([text, settled, ...passages]).toEqual(['slow', true, ['a'], []]);
});

test('a document that one node removes while another writes it is gone from both stores, or in both', async () => {
  const { retriever, slow, fast, begun, letGo } = await held('remove');
  await fast.upsert([documentOf('a', ['old'])], testCall());
  const removing = slow.remove(['a'], testCall());
  await begun;
  await fast.upsert([documentOf('a', ['new'])], testCall());
  letGo();
  await removing;

  expect([await listed(fast), await found(retriever, 'new')]).toEqual([[], []]);
});

test('a document that is removed while a node writes it is written again', async () => {
  const { retriever, slow, fast, begun, letGo } = await held('upsert');
  const writing = slow.upsert([written], testCall());
  await begun;
  await fast.remove(['a'], testCall());
  letGo();
  await writing;

  expect([await listed(fast), await found(retriever, 'alpha')]).toEqual([['a'], ['a']]);
});

test('of documents whose source is removed while they are written nothing is left', async () => {
  const { retriever, slow, fast, begun, letGo } = await held('upsert');
  await fast.source('/srv/docs', 'docs', testCall());
  const origin = { source: 'docs', path: 'a.md', modified: 1, size: 1 };
  const writing = slow.upsert([documentOf('docs/a.md', ['alpha'], { origin })], testCall());
  writing.catch(() => {});
  await begun;
  expect(await fast.removeSource('docs', testCall())).toBe(1);
  letGo();

  await expect(writing).rejects.toThrow();
  expect([await listed(fast), await found(retriever, 'alpha')]).toEqual([[], []]);
});

const script = fileURLToPath(new URL('./interrupted-child.ts', import.meta.url));

test.each([
  ['write', ['a', 'b'], ['a']],
  ['remove', ['b'], []],
])('what a process did not end that was killed, a %s, the next one knows', async (what, left, unfinished) => {
  const directory = await temporaryDirectory();
  const before = await embeddedPorts.apart(directory);
  await before.catalog.upsert([written, documentOf('b', ['beta'])], testCall());
  const child = spawn(process.execPath, [script, directory, what], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  expect(line).toBe('between the two stores');
  child.kill('SIGKILL');
  await once(child, 'exit');

  expect(await before.catalog.unfinished(testCall())).toEqual(unfinished);
  expect(await listed(before.catalog)).toEqual(left);
});
