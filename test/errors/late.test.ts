import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createEmbedder } from '../../src/embeddings/embedder.ts';
import { callLate, errorOf, HydrogenError, partsOf, reworded } from '../../src/errors.ts';
import { createParser } from '../../src/library/reading/parser.ts';
import { createLog } from '../../src/observability/log.ts';
import { createLane } from '../../src/stores/embedded/engine/lane.ts';
import { openRequest } from '../../src/stores/embedded/engine/messages.ts';
import { createJobThread } from '../../src/workflows/threads/job-thread.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { mongoDocumentsForTest } from '../support/mongo-servers.ts';

const beyond: readonly (readonly [string, () => Promise<unknown>])[] = [
  [
    'a store thread',
    async () => {
      const thread = new URL('../../src/stores/embedded/store-thread.ts', import.meta.url);
      const file = join(await temporaryDirectory(), 'hydrogen.sqlite');
      const lane = createLane({ file, thread, lane: 'write' }, 1, 1_000);
      onTestFinished(() => lane.close());
      // The time is over before the thread is up, which is then the first to notice.
      return lane.run(openRequest, [], testCall({ deadline: Date.now() + 5 }));
    },
  ],
  [
    'a job thread',
    () => {
      const thread = createJobThread<null, never>(new URL('./late-thread.ts', import.meta.url), 1_000);
      onTestFinished(() => thread.close());
      const late = () => new HydrogenError('internal', 'The thread did not notice.');
      return thread.run(null, { signal: new AbortController().signal, timeoutMs: 20_000, late });
    },
  ],
  [
    'the process that reads files',
    () => {
      const parser = createParser();
      onTestFinished(() => parser.close());
      const content = { text: '# Note' };
      const call = testCall({ deadline: Date.now() + 5 });
      return parser.parse({ id: 'docs/note.md', name: 'note.md', type: 'markdown', content }, call);
    },
  ],
  [
    'the process of the model',
    async () => {
      const settings = { model: 'hydrogen-embed-small-en', timeoutMs: 1_000 };
      const cacheDirectory = await temporaryDirectory();
      const embedder = createEmbedder({ ...settings, cacheDirectory }, createLog('silent'));
      onTestFinished(() => embedder.close());
      return embedder.embed(['a text'], 'query', testCall({ deadline: Date.now() + 5 }));
    },
  ],
  [
    'a database server that does not answer',
    async () => {
      const server = createServer(() => {}).listen(0, '127.0.0.1');
      onTestFinished(() => void server.close());
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const store = mongoDocumentsForTest(`mongodb://127.0.0.1:${port}/`, { timeoutMs: 20_000 });
      const call = testCall({ deadline: Date.now() + 300 });
      return store.count({ database: 'main', collection: 'things', filter: {} }, call);
    },
  ],
];

test.each(beyond)('a call that is late in %s says so by its reason', async (_where, work) => {
  const error = await work().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(HydrogenError);
  expect(error).toMatchObject({ code: 'timeout', reason: 'late' });
});

test('an error is the same behind a thread', () => {
  const error = new HydrogenError('not_found', 'There is no "a".', { suggestions: ['b'], reason: 'late' });
  for (const one of [error, callLate(), callLate({ advice: 'Ask for less.' })]) {
    const arrived = errorOf(structuredClone(partsOf(one)));
    expect(arrived).toBeInstanceOf(HydrogenError);
    expect(partsOf(arrived)).toEqual(partsOf(one));
  }
});

test('what is added to an error changes its words only', () => {
  const told = reworded(callLate(), 'It took too long. 3 documents are in.');
  expect(told).toMatchObject({ code: 'timeout', reason: 'late', lacksAdvice: false });
});
