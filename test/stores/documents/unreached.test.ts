import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { testCall } from '../../support/call.ts';
import { freePort, mongoDocumentsForTest } from '../../support/mongo-servers.ts';

const things = { database: 'main', collection: 'things' };
const unsure = 'The change may have been made in full, in part or not at all';

test('an insert that never reached a server is not said to be made perhaps', async () => {
  const store = mongoDocumentsForTest(`mongodb://127.0.0.1:${await freePort()}/`, { timeoutMs: 300 });
  const error = await store.insert(things, [{ a: 1 }], testCall()).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'unavailable',
    reason: 'not_sent',
    message: expect.not.stringContaining(unsure),
  });
});

test('an insert whose time is over is said to be made perhaps, and what to do', async () => {
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const store = mongoDocumentsForTest(`mongodb://127.0.0.1:${port}/`, { timeoutMs: 20_000 });
  const call = testCall({ deadline: Date.now() + 300 });
  const error = await store.insert(things, [{ a: 1 }], call).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    reason: 'late',
    lacksAdvice: false,
    message: expect.stringContaining(`or add an index, and try again. ${unsure}`),
  });
});
