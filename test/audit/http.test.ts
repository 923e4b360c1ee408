import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { expect, onTestFinished, test } from 'vitest';
import type { App } from '../../src/app.ts';
import type { AuditRecord } from '../../src/audit/record.ts';
import type { Caller } from '../../src/call.ts';
import { newAuditKey } from '../../src/config/audit-keys.ts';
import type { Authenticate } from '../../src/policy/authentication.ts';
import { serveOnHttp } from '../../src/transports/http.ts';
import { testCall } from '../support/call.ts';
import { type Era, eras, newClient, openedApp } from '../support/connected.ts';
import { audience, openIssuer } from '../support/issuer.ts';

const rosa: Caller = { id: 'key:1', name: 'Rosa', scopes: ['read', 'write'] };
const authenticate: Authenticate = async ({ authorization }) =>
  authorization === 'Bearer rosa' ? rosa : { message: 'The token is unknown.', challenge: 'Bearer' };

async function served(): Promise<{ app: App; url: string }> {
  const app = await openedApp({
    settings: { httpPort: 0, auditKey: newAuditKey(), enableWrites: true, confirmWrites: 'never' },
  });
  const server = await serveOnHttp({ ...app, authenticate });
  onTestFinished(() => server.close());
  return { app, url: server.url };
}

async function recordsOf(app: App): Promise<AuditRecord[]> {
  const entries = await app.audit.log.read(1, 1_000, testCall());
  return entries.map(({ text }) => JSON.parse(text) as AuditRecord);
}

async function insertBy(url: string, era: Era, headers: Record<string, string> = {}, sessionId?: string) {
  const client = newClient(era);
  const requestInit = { headers: { authorization: 'Bearer rosa', ...headers } };
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit,
    ...(sessionId !== undefined && { sessionId }),
  });
  await client.connect(transport);
  onTestFinished(() => client.close());
  await client.callTool({
    name: 'insert',
    arguments: { collection: 'plants', documents: [{ name: 'oak' }] },
  });
  return transport;
}

test.each(eras)(
  'over HTTP, a change by a client of %s is recorded with its caller, client and address',
  async (era) => {
    const { app, url } = await served();
    await insertBy(url, era);
    const [begun, ended] = await recordsOf(app);
    expect(begun).toMatchObject({
      event: 'begun',
      caller: { id: 'key:1', name: 'Rosa' },
      transport: 'http',
      address: '127.0.0.1',
      client: 'test 1.0.0',
    });
    expect(ended).toMatchObject({ event: 'ended', outcome: 'ok', call: begun?.call });
  },
);

test('the session of a client stands in the record, but not what its id is', async () => {
  const { app, url } = await served();
  const { sessionId = '' } = await insertBy(url, '2025-11-25');
  const [begun, ended] = await recordsOf(app);
  expect(begun?.session).toMatch(/^[\w-]{16}$/);
  expect(ended?.session).toBe(begun?.session);
  expect(sessionId).not.toBe('');
  expect(JSON.stringify(begun)).not.toContain(sessionId);
});

test('a session that another process goes on with has the same client in the record', async () => {
  const { app, url } = await served();
  const { sessionId = '' } = await insertBy(url, '2025-11-25');
  const other = await serveOnHttp({ ...app, authenticate });
  onTestFinished(() => other.close());
  const body = {
    ...{ jsonrpc: '2.0', id: 7, method: 'tools/call' },
    params: { name: 'insert', arguments: { collection: 'plants', documents: [{ name: 'elm' }] } },
  };
  const answer = await fetch(other.url, {
    method: 'POST',
    headers: {
      authorization: 'Bearer rosa',
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-session-id': sessionId,
      'mcp-protocol-version': '2025-11-25',
    },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
  await answer.text();
  const records = await recordsOf(app);
  expect(records.at(-1)).toMatchObject({ client: 'test 1.0.0', request: '7', session: records[0]?.session });
});

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

test.each(eras)('the trace of a client of %s stands in the record', async (era) => {
  const { app, url } = await served();
  await insertBy(url, era, { traceparent: `00-${traceId}-00f067aa0ba902b7-01` });
  expect((await recordsOf(app))[0]?.trace).toBe(traceId);
});

/** Looks again until there are so many records. */
async function untilRecorded(app: App, count: number): Promise<AuditRecord[]> {
  for (;;) {
    const records = await recordsOf(app);
    if (records.length >= count) return records;
  }
}

test('a request of somebody unknown is recorded, without what it has sent', async () => {
  const { app, url } = await served();
  const headers = { authorization: 'Bearer stol3n', 'content-type': 'application/json' };
  const { status } = await fetch(url, { method: 'POST', headers, body: '{}' });
  expect(status).toBe(401);
  const [refused] = await untilRecorded(app, 1);
  expect(refused).toMatchObject({
    event: 'refused',
    transport: 'http',
    address: '127.0.0.1',
    reason: 'unauthenticated',
  });
  expect(JSON.stringify(refused)).not.toContain('stol3n');
});

test('a call that the scopes of a token do not allow is recorded', async () => {
  const issuer = await openIssuer();
  const app = await openedApp({
    settings: {
      ...{ httpPort: 0, auditKey: newAuditKey() },
      oauth: [{ issuer: issuer.url, audience }],
    },
  });
  const server = await serveOnHttp(app);
  onTestFinished(() => server.close());
  const { status } = await fetch(server.url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await issuer.sign({ scope: 'read' })}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
      params: { name: 'run_workflow', arguments: { workflow: 'x' } },
    }),
  });
  expect(status).toBe(403);
  expect(await recordsOf(app)).toMatchObject([
    {
      ...{ event: 'refused', outcome: 'not_allowed', name: 'run_workflow', operation: 'run' },
      ...{ transport: 'http', address: '127.0.0.1', caller: { id: expect.stringContaining(issuer.url) } },
    },
  ]);
});

test('a flood of unknown requests does not fill the record', async () => {
  const { app, url } = await served();
  const stranger = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
  for (let i = 0; i < 10; i++) await Promise.all(Array.from({ length: 20 }, () => fetch(url, stranger)));
  await app.audit.close();
  expect(await recordsOf(app)).toHaveLength(60);
});

test('a call that a token has no scope for is recorded with its caller, also behind a flood of unknown requests', async () => {
  const issuer = await openIssuer();
  const app = await openedApp({
    settings: {
      ...{ httpPort: 0, auditKey: newAuditKey(), enableWrites: true },
      oauth: [{ issuer: issuer.url, audience }],
    },
  });
  const server = await serveOnHttp(app);
  onTestFinished(() => server.close());
  const post = (token: string) =>
    fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'delete' } }),
    });
  await Promise.all(Array.from({ length: 100 }, () => post('unknown')));
  const { status } = await post(await issuer.sign({ sub: 'ann', scope: 'read' }));
  expect(status).toBe(403);
  await app.audit.close();
  expect(await recordsOf(app)).toContainEqual(
    expect.objectContaining({
      ...{ event: 'refused', kind: 'tool', action: 'call', name: 'delete' },
      ...{ transport: 'http', address: '127.0.0.1' },
      caller: expect.objectContaining({ id: `${issuer.url}|ann` }),
    }),
  );
});

test.each(['/metrics', '/health/detailed'])(
  'a caller that may not see %s is refused in the record',
  async (path) => {
    const app = await openedApp({ settings: { httpPort: 0, auditKey: newAuditKey(), metrics: true } });
    const caller: Caller = { id: 'key:2', scopes: ['read'], roles: ['north'] };
    const server = await serveOnHttp({ ...app, authenticate: async () => caller });
    onTestFinished(() => server.close());
    expect((await fetch(new URL(path, server.url))).status).toBe(403);
    await app.audit.close();
    expect(await recordsOf(app)).toMatchObject([
      { event: 'refused', caller: { id: 'key:2', roles: ['north'] }, reason: path },
    ]);
  },
);
