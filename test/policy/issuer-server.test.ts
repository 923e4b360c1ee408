import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, onTestFinished, test } from 'vitest';
import { answerOf } from '../../src/policy/oauth/issuer-server.ts';

/** A server whose answers do not say how long they are. */
async function answering(parts: Iterable<string>): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    // Whoever reads may leave before the end.
    pipeline(Readable.from(parts), response).catch(() => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function* endless(): Generator<string> {
  yield '["';
  for (;;) yield 'x'.repeat(64 * 1024);
}

test('what an issuer answers in parts is read as a whole', async () => {
  expect(await answerOf(await answering(['{"a":', '"é"', '}']))).toEqual({ a: 'é' });
});

test('no more is read of an issuer than keys and metadata can be, whatever it says of its length', async () => {
  await expect(answerOf(await answering(endless()))).rejects.toMatchObject({
    code: 'unavailable',
    cause: expect.stringContaining('more than 524288 bytes'),
  });
});
