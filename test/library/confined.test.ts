import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startProcess } from '../../src/workers/start.ts';
import { temporaryDirectory } from '../support/call.ts';

test('the process that reads files reaches no network by any way, not even by a thread of its own', async () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;

  const folder = await temporaryDirectory();
  const child = startProcess(
    new URL('../support/confined-process.ts', import.meta.url),
    [String(port), folder],
    {
      heapMegabytes: 100,
    },
  );
  onTestFinished(() => void child.kill());
  const [report] = await once(child, 'message');

  expect(report).toEqual({ tried: 22, open: [] });
  expect(connections).toBe(0);
});
