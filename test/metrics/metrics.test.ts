import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test, vi } from 'vitest';
import { promtoolProgram } from '../../scripts/servers/prometheus.ts';
import type { App } from '../../src/app.ts';
import { type Caller, owner } from '../../src/call.ts';
import type { Authenticate } from '../../src/policy/authentication.ts';
import { type HttpServer, serveOnHttp } from '../../src/transports/http.ts';
import { call, failure } from '../support/answers.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { clientOf, openedApp, type Setting } from '../support/connected.ts';
import { hasRedis, redisSkip, startRedis } from '../support/servers/redis.ts';

const data = { notes: [{ _id: 1 }, { _id: 2 }, { _id: 3 }] };

function measured(setting: Setting = {}): Promise<App> {
  return openedApp({ data, ...setting, settings: { metrics: true, httpPort: 0, ...setting.settings } });
}

/** The samples: their values by what stands before them. */
async function samplesOf({ metrics }: App): Promise<Map<string, number>> {
  const found = await metrics?.text(testCall());
  return samplesIn(found?.text ?? '');
}

function samplesIn(page: string): Map<string, number> {
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

test('calls are counted by tool and by how they ended, and timed', async () => {
  const app = await measured();
  const client = await clientOf(app);
  await call(client, 'count', { collection: 'notes' });
  await call(client, 'count', { collection: 'notes' });
  await failure(client, 'count', { collection: 'notes', filter: { $where: '1' } });
  const samples = await samplesOf(app);
  const labels = 'kind="tool",action="call",name="count",operation="read"';
  expect(samples.get(`hydrogen_calls_total{${labels},outcome="ok"}`)).toBe(2);
  expect([...samples.keys()]).toContainEqual(
    expect.stringMatching(
      /hydrogen_calls_total\{.*name="count".*outcome="(not_supported|bad_input|not_allowed)"/,
    ),
  );
  const timed = 'hydrogen_call_duration_seconds_count{kind="tool",action="call",name="count"';
  expect(samples.get(`${timed},outcome="ok"}`)).toBe(2);
  expect([...samples.keys()].filter((sample) => sample.startsWith(timed))).toHaveLength(2);
});

test('whatever names a client invents, they are one series', async () => {
  const app = await measured();
  const client = await clientOf(app);
  for (const name of ['drop_everything', 'another', 'x'.repeat(1_000)]) {
    await client.callTool({ name }).catch(() => {});
  }
  await client.readResource({ uri: 'nothing://at/all' }).catch(() => {});
  const names = [...(await samplesOf(app)).keys()].filter((sample) =>
    /^hydrogen_calls_total\{.*outcome="not_found"/.test(sample),
  );
  expect(names).toHaveLength(2);
  for (const name of names) expect(name).toContain('name="unknown"');
});

test('rows and bytes of answers are counted by operation', async () => {
  const app = await measured();
  const client = await clientOf(app);
  await call(client, 'find', { collection: 'notes' });
  const samples = await samplesOf(app);
  expect(samples.get('hydrogen_rows_total{operation="read"}')).toBe(3);
  expect(samples.get('hydrogen_answer_bytes_total{operation="read"}')).toBeGreaterThan(30);
});

test('what a limit refuses is counted under its name', async () => {
  const app = await measured({ settings: { limits: { read: { callsPerMinute: 1 } } } });
  const client = await clientOf(app);
  await client.callTool({ name: 'count', arguments: { collection: 'notes' } });
  await client.callTool({ name: 'count', arguments: { collection: 'notes' } });
  const hits = (await samplesOf(app)).get(
    'hydrogen_limits_hit_total{limit="callsPerMinute",operation="read"}',
  );
  expect(hits).toBeGreaterThan(0);
});

test('the size of the store, of the library and of its backlog, and the runs are there', async () => {
  const app = await measured();
  // A part that is slow is left out, and is there the next time.
  await vi.waitFor(async () => {
    const samples = await samplesOf(app);
    expect(samples.get('hydrogen_store_bytes')).toBeGreaterThan(1_000);
    expect(samples.get('hydrogen_library_vectors_missing')).toBe(0);
    expect(samples.get('hydrogen_runs{state="pending"}')).toBe(0);
    expect(samples.get('nodejs_eventloop_lag_seconds')).toBeGreaterThanOrEqual(0);
  }, 20_000);
});

const workflow = `document: { dsl: 1.0.3, namespace: test, name: greet, version: 1.0.0 }
do:
  - greet:
      set: { greeting: hello }
`;

test('runs that end are counted by their state', async () => {
  const folder = await temporaryDirectory();
  await writeFile(join(folder, 'greet.yaml'), workflow);
  const app = await measured({ settings: { workflowFolders: [folder] } });
  await call(await clientOf(app), 'run_workflow', { workflow: 'greet', wait_seconds: 20 });
  expect((await samplesOf(app)).get('hydrogen_runs_ended_total{state="completed"}')).toBe(1);
});

test('a server that is away shows although nobody calls, a connection too', async () => {
  const app = await measured({
    settings: { redisUrl: 'redis://127.0.0.1:1', mongodbUrl: 'mongodb://127.0.0.1:1/lab' },
  });
  // Loading a server's client may take longer than it is given the first time.
  await vi.waitFor(async () => {
    const samples = await samplesOf(app);
    expect(samples.get('hydrogen_backend_up{backend="redis"}')).toBe(0);
    expect(samples.get('hydrogen_backend_up{backend="connection mongodb"}')).toBe(0);
    expect(samples.get('hydrogen_backend_state{backend="redis cache",state="down"}')).toBe(1);
    expect(samples.get('hydrogen_backend_state{backend="redis limits",state="unused"}')).toBe(1);
  }, 20_000);
});

test.runIf(hasRedis)(`a server that answers shows${redisSkip}`, async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const app = await measured({ settings: { redisUrl: redis.url } });
  await vi.waitFor(async () => {
    expect((await samplesOf(app)).get('hydrogen_backend_up{backend="redis"}')).toBe(1);
  }, 20_000);
});

test('a part that does not answer is no number', async () => {
  const app = await measured();
  const late = await app.metrics?.text({ ...testCall(), deadline: Date.now() - 1 });
  expect(samplesIn(late?.text ?? '').get('hydrogen_store_bytes')).toBeNaN();
});

test('without the setting there are none', async () => {
  expect((await openedApp()).metrics).toBeUndefined();
});

const callers: Readonly<Record<string, Caller>> = {
  'Bearer reader': { id: 'reader', scopes: ['read'] },
  'Bearer narrowed': { id: 'narrowed', scopes: ['read'], roles: ['analyst'] },
  'Bearer runner': { id: 'runner', scopes: ['run'] },
};
const authenticate: Authenticate = async ({ authorization = '' }) =>
  callers[authorization] ?? { message: 'Send a token.', challenge: 'Bearer' };

async function served(setting: Setting = {}, more: Partial<App> = {}): Promise<HttpServer> {
  const server = await serveOnHttp({ ...(await measured(setting)), ...more });
  onTestFinished(() => server.close());
  return server;
}

test('on the port of the protocol metrics are for callers that may read, and that no role narrows', async () => {
  const { url } = await served({}, { authenticate });
  const read = (token: string) =>
    fetch(url.replace(/mcp$/, 'metrics'), { headers: { authorization: `Bearer ${token}` } });
  const answer = await read('reader');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(samplesIn(await answer.text()).get('hydrogen_sessions')).toBe(0);
  expect((await read('narrowed')).status).toBe(403);
  expect((await read('runner')).status).toBe(403);
  expect((await read('nobody')).status).toBe(401);
});

test('HTTP requests are counted by path and status, and no more paths than there are', async () => {
  const { url } = await served();
  const read = (path: string) => fetch(url.replace(/mcp$/, path));
  await read('health/liveness');
  await read('invented/1');
  await read('invented/2');
  const samples = samplesIn(await (await read('metrics')).text());
  expect(samples.get('hydrogen_http_requests_total{method="GET",path="/health/liveness",status="200"}')).toBe(
    1,
  );
  expect(samples.get('hydrogen_http_requests_total{method="GET",path="other",status="404"}')).toBe(2);
});

test('on a port of their own metrics are all there is, and are not on the other one', async () => {
  const { url, metricsUrl = '' } = await served({ settings: { metricsPort: 0 } });
  expect(metricsUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
  const samples = samplesIn(await (await fetch(metricsUrl)).text());
  expect(samples.get('hydrogen_sessions')).toBe(0);
  expect((await fetch(metricsUrl.replace(/metrics$/, 'mcp'))).status).toBe(404);
  expect((await fetch(url.replace(/mcp$/, 'metrics'))).status).toBe(404);
});

test.each(['127.0.0.1', '127.0.0.2'])(
  'at %s a web page that has a name lead there reads no metrics',
  async (metricsHost) => {
    const { metricsUrl = '' } = await served({ settings: { metricsPort: 0, metricsHost } });
    const [answer] = (await once(get(metricsUrl, { headers: { host: 'evil.example' } }), 'response')) as [
      IncomingMessage,
    ];
    answer.resume();
    expect(answer.statusCode).toBe(403);
  },
);

const promtool = promtoolProgram();
test.runIf(promtool !== undefined)(
  `what Prometheus reads is as its conventions have it${promtool ? '' : ' (skipped: there is no promtool, see `npm run servers`)'}`,
  async () => {
    const app = await measured({
      settings: { redisUrl: 'redis://127.0.0.1:1', limits: { callsInAll: 100 } },
    });
    const client = await clientOf(app, { caller: owner });
    await call(client, 'find', { collection: 'notes' });
    app.metrics?.measureHttp(() => ({ sessions: 1, streams: 2 }));
    const page = (await app.metrics?.text(testCall()))?.text ?? '';
    const child = spawn(promtool ?? '', ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'] });
    child.stdin.end(page);
    const [said] = await Promise.all([text(child.stderr), once(child, 'close')]);
    expect(said).toBe('');
    expect(child.exitCode).toBe(0);
  },
);
