import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type App, openApp } from '../../src/app.ts';
import { settings } from '../../src/config.ts';
import { createLog } from '../../src/observability/log.ts';
import { serveOnHttp } from '../../src/transports/http.ts';
import { call, failure } from '../support/answers.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { attributesOf, openCollector, type SentSpan } from '../support/collector.ts';
import { clientOf, eras } from '../support/connected.ts';
import { freePort } from '../support/servers/program.ts';
import { hasRedis, redisSkip, startRedis } from '../support/servers/redis.ts';

const lines: { readonly msg: string; readonly name?: string; readonly trace?: string }[] = [];

/** An app that traces; closing it sends what there is. */
async function traced(otlpUrl: string, more: Readonly<Record<string, unknown>> = {}): Promise<App> {
  const dataDir = await temporaryDirectory();
  lines.length = 0;
  const log = createLog('info', 'json', (line) => void lines.push(JSON.parse(line)));
  const config = settings.parse({
    dataDir,
    embeddingModel: 'none',
    sampleWorkflows: false,
    otlpUrl,
    httpPort: 0,
    ...more,
  });
  const app = await openApp(config, log);
  onTestFinished(() => app.close());
  const { store } = app.connections.get('embedded');
  await store.put({ database: 'main', collection: 'notes' }, [{ _id: 1 }], { drop: false }, testCall());
  return app;
}

const traceId = '0af7651916cd43dd8448eb211c80319c';
const parent = 'b7ad6b7169203331';
const traceparent = `00-${traceId}-${parent}-01`;

test('a call of a tool is a span, and its use of a store is one below it', async () => {
  const { spans, url } = await openCollector();
  const app = await traced(url);
  await call(await clientOf(app), 'count', { collection: 'notes', filter: { secret: 'planted' } });
  await app.close();
  const tool = spans.find(({ name }) => name === 'tools/call count');
  expect(attributesOf(tool)).toMatchObject({
    'mcp.method.name': 'tools/call',
    'gen_ai.tool.name': 'count',
    'user.id': 'owner',
  });
  const store = spans.find(
    ({ name, parentSpanId }) => name === 'count notes' && parentSpanId === tool?.spanId,
  );
  expect(attributesOf(store)).toMatchObject({
    'db.operation.name': 'count',
    'db.namespace': 'main',
    'db.collection.name': 'notes',
  });
  expect(store?.traceId).toBe(tool?.traceId);
  expect(JSON.stringify(spans)).not.toContain('planted');
});

test.each(eras)('the trace of a client of %s is joined by what its message says', async (era) => {
  const { spans, url } = await openCollector();
  const app = await traced(url);
  const client = await clientOf(app, { era });
  await client.callTool({ name: 'count', arguments: { collection: 'notes' }, _meta: { traceparent } });
  await app.close();
  const tool = spans.find(({ name }) => name === 'tools/call count');
  expect(tool).toMatchObject({ traceId, parentSpanId: parent });
});

test('over HTTP the trace of the request is joined, and its id is in the log lines', async () => {
  const { spans, url } = await openCollector();
  const app = await traced(url);
  const server = await serveOnHttp(app);
  onTestFinished(() => server.close());
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const params = { name: 'count', arguments: { collection: 'notes' }, _meta: meta };
  const answer = await fetch(server.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'count',
      traceparent,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  });
  expect(await answer.text()).toContain('"count":1');
  await app.close();
  expect(spans.find(({ name }) => name === 'tools/call count')).toMatchObject({
    traceId,
    parentSpanId: parent,
  });
  const line = lines.find(({ name }) => name === 'count');
  expect(line).toMatchObject({ trace: traceId, request: expect.any(String) });
});

test('a call without a trace begins one, whose id is in its log line', async () => {
  const { spans, url } = await openCollector();
  const app = await traced(url);
  await call(await clientOf(app), 'count', { collection: 'notes' });
  await app.close();
  const tool = spans.find(({ name }) => name === 'tools/call count');
  expect(tool?.parentSpanId).toBeFalsy();
  expect(lines.find(({ name }) => name === 'count')?.trace).toBe(tool?.traceId);
});

test('a refusal is named on its span, and is no fault of the server', async () => {
  const { spans, url } = await openCollector();
  const app = await traced(url);
  await failure(await clientOf(app), 'count', { collection: 'notes', filter: { $where: '1' } });
  await app.close();
  const tool = spans.find(({ name }) => name === 'tools/call count');
  expect(attributesOf(tool)['error.type']).toMatch(/^(not_supported|bad_input|not_allowed)$/);
  expect(tool?.status.code ?? 0).toBe(0);
});

test('a traceparent that is none is left alone', async () => {
  const { spans, url } = await openCollector();
  const app = await traced(url);
  const client = await clientOf(app);
  for (const wrong of [`00-${'0'.repeat(32)}-${parent}-01`, 'x'.repeat(55), `ff-${traceId}-${parent}-01`])
    await client.callTool({
      name: 'count',
      arguments: { collection: 'notes' },
      _meta: { traceparent: wrong },
    });
  await app.close();
  const tools = spans.filter(({ name }) => name === 'tools/call count');
  expect(tools).toHaveLength(3);
  for (const tool of tools) {
    expect(tool.parentSpanId).toBeFalsy();
    expect(tool.traceId).not.toBe(traceId);
  }
});

/** The names of the spans from the one of this name up to the request. */
function wayUp(spans: readonly SentSpan[], name: string): string[] {
  const way: string[] = [];
  for (
    let span = spans.find((one) => one.name === name);
    span;
    span = spans.find(({ spanId }) => spanId === span?.parentSpanId)
  )
    way.push(span.name);
  return way;
}

test('what a collection looks like is a use of the store, too', async () => {
  const { spans, url } = await openCollector();
  const app = await traced(url);
  await call(await clientOf(app), 'describe_collection', { collection: 'notes' });
  await app.close();
  expect(wayUp(spans, 'describe notes')).toEqual(['describe notes', 'tools/call describe_collection']);
});

test('a search by meaning shows the library, and the model below it', async () => {
  const { spans, url } = await openCollector();
  const app = await traced(url, { embeddingModel: 'hydrogen-embed-small-en', enableIngest: true });
  const client = await clientOf(app);
  await app.library.add(
    { name: 'notes.txt', text: 'The planted text is about rivers.', type: 'text', metadata: {} },
    testCall(),
  );
  await call(client, 'search', { query: 'planted question', mode: 'semantic' });
  await app.close();
  const model = 'embeddings hydrogen-embed-small-en';
  expect(wayUp(spans, model)).toEqual([model, 'library search', 'tools/call search']);
  expect(JSON.stringify(spans)).not.toContain('planted');
});

const greet = `document: { dsl: 1.0.3, namespace: test, name: greet, version: 1.0.0 }
do:
  - greet:
      set: { greeting: hello }
`;

test('a run shows what is written to the journal', async () => {
  const folder = await temporaryDirectory();
  await writeFile(join(folder, 'greet.yaml'), greet);
  const { spans, url } = await openCollector();
  const app = await traced(url, { workflowFolders: [folder] });
  await call(await clientOf(app), 'run_workflow', { workflow: 'greet', wait_seconds: 20 });
  await app.close();
  expect(wayUp(spans, 'journal create')).toEqual(['journal create', 'tools/call run_workflow']);
});

test.runIf(hasRedis)(`a server that is used shows as what it is${redisSkip}`, async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const { spans, url } = await openCollector();
  const app = await traced(url, { redisUrl: redis.url, limits: { read: { callsPerMinute: 100 } } });
  await call(await clientOf(app), 'count', { collection: 'notes' });
  await app.close();
  const used = spans.find(({ name }) => name === 'redis');
  expect(attributesOf(used)['db.system.name']).toBe('redis');
  expect(used?.kind).toBe(3);
  expect(wayUp(spans, 'redis')).toEqual(['redis', 'tools/call count']);
});

test('what belongs to no request is in no trace', async () => {
  const { spans, url } = await openCollector();
  const app = await traced(url);
  await app.close();
  expect(spans).toEqual([]);
});

test('while the collector is away calls are answered, and the server ends', async () => {
  const app = await traced(`http://127.0.0.1:${await freePort()}`);
  await call(await clientOf(app), 'count', { collection: 'notes' });
  await app.close();
  expect(lines.map(({ msg }) => msg)).not.toContain('a part is slow to close');
});

test('the log says that a collector does not take the traces', async () => {
  const { url } = await openCollector(400);
  const app = await traced(url);
  await call(await clientOf(app), 'count', { collection: 'notes' });
  await app.close();
  expect(lines.map(({ msg }) => msg)).toContain(
    'traces or metrics are not taken: check otlpUrl, and that the collector runs',
  );
});
