import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Authenticate } from '../../src/policy/authentication.ts';
import { serveOnHttp } from '../../src/transports/http.ts';
import { openedApp, type Setting } from '../support/connected.ts';

const authenticate: Authenticate = async ({ authorization }) =>
  authorization === 'Bearer ada'
    ? { id: 'ada', name: 'Ada', scopes: ['read'] }
    : { message: 'Send a token.', challenge: 'Bearer' };

interface Line {
  readonly msg: string;
  readonly status?: number;
  readonly path?: string;
  readonly caller?: string;
  readonly callerName?: string;
  readonly reason?: string;
  readonly request?: string;
  readonly session?: string;
}

async function served(settings: Setting['settings'] = {}) {
  const app = await openedApp({ settings: { httpPort: 0, ...settings } });
  const lines: Line[] = [];
  const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) });
  const server = await serveOnHttp({ ...app, authenticate, log });
  onTestFinished(() => server.close());
  const line = (msg: string): Promise<Line> =>
    vi.waitFor(() => {
      const found = lines.find((one) => one.msg === msg);
      if (!found) throw new Error(`no line "${msg}" among ${JSON.stringify(lines)}`);
      return found;
    }, 10_000);
  return { url: server.url, lines, line };
}

const initialize = {
  ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};

const post = (
  url: string,
  token: string,
  more: Record<string, string> = {},
  method = 'POST',
  body: object = initialize,
) =>
  fetch(url, {
    method,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${token}`,
      ...more,
    },
    ...(method === 'POST' && { body: JSON.stringify(body) }),
  });

test('a request is one line, with who sent it, and without what its query holds', async () => {
  const { url, line } = await served({ accessLog: true });
  await (await post(`${url}?key=secret`, 'ada')).text();
  const logged = await line('request answered');
  expect(logged).toMatchObject({
    method: 'POST',
    path: '/mcp',
    status: 200,
    caller: 'ada',
    callerName: 'Ada',
  });
  expect(JSON.stringify(logged)).not.toContain('secret');
});

test('why a Host or an Origin is refused is in the log', async () => {
  const { url, line } = await served();
  await post(url, 'ada', { origin: 'https://evil.example' });
  const refused = await line('request refused');
  expect(refused.status).toBe(403);
  expect(refused.reason).toMatch(/^Invalid Origin: "https:\/\/evil\.example"\./);
});

test('the path of an export, which opens it for whoever has it, is not logged', async () => {
  const { url, line } = await served();
  await fetch(url.replace(/mcp$/, 'exports/abcdef.secret/file.csv'));
  expect((await line('request refused')).path).toBe('/exports/…');
});

test('without the setting, only what is refused is logged, and without the token', async () => {
  const { url, lines, line } = await served();
  await (await post(url, 'ada')).text();
  await (await post(url, 'stolen')).text();
  const refused = await line('request refused');
  expect(refused).toMatchObject({ status: 401, path: '/mcp' });
  expect(JSON.stringify(refused)).not.toContain('stolen');
  expect(lines.filter(({ msg }) => msg.startsWith('request answered'))).toEqual([]);
});

test('the lines of a call name its session as those of its beginning do', async () => {
  const { url, line } = await served();
  const begun = await post(url, 'ada');
  await begun.text();
  const id = begun.headers.get('mcp-session-id') ?? '';
  const { session } = await line('session began');
  const list = { jsonrpc: '2.0', id: 2, method: 'tools/list' };
  const more = { 'mcp-session-id': id, 'mcp-protocol-version': '2025-11-25' };
  await (await post(url, 'ada', more, 'POST', list)).text();
  expect(await line('answered')).toMatchObject({ caller: 'ada', session });
});

test('sessions that begin and end are logged, with their caller and not with their id', async () => {
  const { url, lines, line } = await served();
  const begun = await post(url, 'ada');
  await begun.text();
  const id = begun.headers.get('mcp-session-id') ?? '';
  expect(await line('session began')).toMatchObject({ caller: 'ada', callerName: 'Ada' });
  await (await post(url, 'ada', { 'mcp-session-id': id }, 'DELETE')).text();
  expect(await line('session ended by its client')).toMatchObject({ caller: 'ada', callerName: 'Ada' });
  expect(JSON.stringify(lines)).not.toContain(id);
});
