import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { expect, onTestFinished, test } from 'vitest';
import { serveOnHttp } from '../../src/transports/http.ts';
import { call, rowsOf } from '../support/answers.ts';
import { newClient, openedApp } from '../support/connected.ts';

test('a node that is told to stop says that it is going, and still answers while a balancer notices', async () => {
  const app = await openedApp({
    data: { plants: [{ _id: 1 }] },
    settings: { httpPort: 0, drainDelayMs: 5_000 },
  });
  const server = await serveOnHttp(app);
  const client = newClient('2025-11-25', {});
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url)));
  onTestFinished(() => client.close());
  const closing = server.close();
  onTestFinished(() => closing);

  const readiness = await fetch(server.url.replace(/mcp$/, 'health/readiness'));

  expect(readiness.status).toBe(503);
  expect(await readiness.json()).toEqual({ ready: false, stopping: true });
  expect(rowsOf(await call(client, 'find', { collection: 'plants' }))).toHaveLength(1);
});
