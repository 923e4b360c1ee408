import { request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import type { App } from '../../src/app.ts';
import type { GivenSettings } from '../../src/config.ts';
import { newKeyId, newSecret } from '../../src/policy/api-keys.ts';
import { serveOnHttp } from '../../src/transports/http.ts';
import { testCall } from '../support/call.ts';
import { openedApp } from '../support/connected.ts';

const open = (settings: Partial<GivenSettings>): Promise<App> =>
  openedApp({ settings: { httpPort: 0, ...settings } });

async function withKey(app: App, more: { revokedAt?: number; expiresAt?: number } = {}): Promise<string> {
  const id = newKeyId();
  const { key, hash } = newSecret(id);
  await app.apiKeys.add({ id, name: 'test', hash, scopes: ['read'], createdAt: 1, ...more }, testCall());
  return key;
}

/** A server with a key, and requests to it by any name. */
async function served(settings: Partial<GivenSettings>) {
  const app = await open(settings);
  const key = await withKey(app);
  const server = await serveOnHttp(app);
  onTestFinished(() => server.close());
  const { port } = new URL(server.url);
  const ask = (
    path: string,
    headers: Record<string, string> = {},
    { to = '127.0.0.1', method = 'GET' } = {},
  ) =>
    new Promise<{ status: number; text: string; headers: Record<string, unknown> }>((resolve, reject) => {
      const sent = request({ host: to, port, path, method, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text, headers: response.headers }),
        );
      });
      sent.on('error', reject).end();
    });
  return { ask, key, authorization: `Bearer ${key}`, url: server.url };
}

/** An address of this machine that is not loopback, as others would reach it. */
const outside = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

test('an address that others can reach is refused without encryption, with what to do', async () => {
  const app = await open({ httpHost: '0.0.0.0' });
  await withKey(app);
  await expect(serveOnHttp(app)).rejects.toThrow(
    /nothing encrypts.*httpTlsCert.*httpTrustedProxies.*httpInsecure/,
  );
});

test.each([
  ['an address that others can reach', { httpHost: '0.0.0.0', httpInsecure: true }],
  ['callers who have to say who they are', { httpAuthentication: 'required' as const }],
  ['a name for others', { httpAllowedHosts: ['mcp.example.com'] }],
  ['an address for others', { publicUrl: 'https://mcp.example.com' }],
  ['web pages of others', { httpAllowedOrigins: ['https://app.example.com'] }],
])(
  '%s without a key and an issuer is refused, with the command that makes a key',
  async (_what, settings) => {
    await expect(serveOnHttp(await open(settings))).rejects.toThrow(/hydrogen keys create/);
  },
);

test.each([
  ['was revoked', { revokedAt: 1 }],
  ['has expired', { expiresAt: 1 }],
])('a key that %s lets nobody in, so the server does not begin', async (_what, more) => {
  const app = await open({ httpAuthentication: 'required' });
  await withKey(app, more);
  await expect(serveOnHttp(app)).rejects.toThrow(/hydrogen keys create/);
});

test('names of this machine are no reason to ask who calls', async () => {
  const app = await open({ httpAllowedHosts: ['localhost:9000'], publicUrl: 'http://127.0.0.1:9000' });
  const server = await serveOnHttp(app);
  onTestFinished(() => server.close());
  expect((await fetch(server.url.replace(/mcp$/, 'health'))).status).toBe(200);
});

test.each([
  ['mcp.example.com', 200],
  ['MCP.example.com:443', 200],
  ['api.example.com:8443', 200],
  ['api.example.com:1', 403],
  ['one.apps.example.com', 200],
  ['apps.example.com', 403],
  ['evil-apps.example.com', 403],
  ['mcp.example.com.evil.example', 403],
  ['mcp.example.com@evil.example', 403],
  ['evil.example', 403],
  ['localhost', 200],
  ['public.example.com', 200],
])('a request to the host %s is answered with %s', async (host, status) => {
  const { ask, authorization } = await served({
    httpAllowedHosts: ['mcp.example.com', 'api.example.com:8443', '*.apps.example.com'],
    publicUrl: 'https://public.example.com',
  });
  expect((await ask('/health', { host, authorization })).status).toBe(status);
});

test('behind a gateway on this machine a caller has to say who it is, also under a local name', async () => {
  const { ask, authorization } = await served({ httpTrustedProxies: ['127.0.0.1'] });
  const headers = { host: 'localhost', 'x-forwarded-for': '203.0.113.7' };
  expect((await ask('/health', headers)).status).toBe(401);
  expect((await ask('/health', { ...headers, authorization })).status).toBe(200);
});

test('a tunnel to a server that is open to this machine lets in nobody else', async () => {
  const app = await open({});
  const server = await serveOnHttp(app);
  onTestFinished(() => server.close());
  const through = async (headers: Record<string, string>) =>
    (await fetch(new URL('/health', server.url), { headers })).status;
  expect(await through({ 'x-forwarded-for': '203.0.113.7' })).toBe(401);
  expect(await through({ 'x-forwarded-for': '127.0.0.1, 203.0.113.7' })).toBe(401);
  expect(await through({ 'x-real-ip': '2001:db8::7' })).toBe(401);
  expect(await through({ 'x-forwarded-for': '127.0.0.1, ::1' })).toBe(200);
});

test('a gateway is a reason to have keys, before there is one', async () => {
  await expect(serveOnHttp(await open({ httpTrustedProxies: ['127.0.0.1'] }))).rejects.toThrow(
    /httpTrustedProxies names a gateway.*hydrogen keys create/,
  );
});

const proxied = { httpAllowedHosts: ['mcp.example.com'], httpTrustedProxies: ['127.0.0.1'] };

test('what a trusted proxy says of the host counts, the last one of several', async () => {
  const { ask, authorization } = await served(proxied);
  const through = async (forwarded: string) =>
    (await ask('/health', { host: 'inner', authorization, 'x-forwarded-host': forwarded })).status;
  expect(await through('mcp.example.com')).toBe(200);
  expect(await through('evil.example')).toBe(403);
  expect(await through('mcp.example.com, evil.example')).toBe(403);
});

test('what anybody else says of the host does not count', async () => {
  const { ask, authorization } = await served({ ...proxied, httpTrustedProxies: ['10.0.0.0/8'] });
  const headers = { host: 'evil.example', authorization, 'x-forwarded-host': 'mcp.example.com' };
  expect((await ask('/health', headers)).status).toBe(403);
});

test.skipIf(outside === undefined)(
  'behind a trusted proxy, whoever comes past it in plain HTTP is refused, probes are not',
  async () => {
    const { ask, authorization } = await served({
      httpHost: '0.0.0.0',
      httpTrustedProxies: ['10.255.255.1'],
    });
    const to = { to: outside ?? '' };
    const headers = { authorization, 'x-forwarded-proto': 'https' };
    const refused = await ask('/health', headers, to);
    expect(refused.status).toBe(403);
    expect(refused.text).toMatch(/Plain HTTP is not served here/);
    expect((await ask('/health/liveness', { host: 'any-name' }, to)).status).toBe(200);
    // A slow machine takes a while to be ready.
    const ready = async () => (await ask('/health/readiness', { host: 'any-name' }, to)).status;
    await expect.poll(ready, { timeout: 60_000 }).toBe(200);
  },
);

test.skipIf(outside === undefined)(
  'a request that a trusted proxy took over HTTPS is served, one that it took over HTTP is not',
  async () => {
    const { ask, authorization } = await served({
      ...{ httpHost: '0.0.0.0', httpTrustedProxies: [`${outside}/32`] },
      httpAllowedHosts: ['mcp.example.com'],
    });
    const over = async (proto: string) => {
      const headers = { host: 'mcp.example.com', authorization, 'x-forwarded-proto': proto };
      return (await ask('/health', headers, { to: outside ?? '' })).status;
    };
    expect(await over('https')).toBe(200);
    expect(await over('http')).toBe(403);
    expect(await over('https, http')).toBe(403);
  },
);

test.skipIf(outside === undefined)(
  'plain HTTP is served beyond this machine where it is said to be on purpose',
  async () => {
    const { ask, authorization } = await served({ httpHost: '0.0.0.0', httpInsecure: true });
    expect((await ask('/health', { authorization }, { to: outside ?? '' })).status).toBe(200);
    expect((await ask('/health', {}, { to: outside ?? '' })).status).toBe(401);
  },
);

const origin = 'https://app.example.com';

test('scripts of a named origin may ask, and read the answer and its session', async () => {
  const { ask, authorization } = await served({ httpAllowedOrigins: [origin] });
  const preflight = await ask(
    '/mcp',
    {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,mcp-session-id,x-evil',
    },
    { method: 'OPTIONS' },
  );
  expect(preflight.status).toBe(204);
  expect(preflight.headers).toMatchObject({
    'access-control-allow-origin': origin,
    'access-control-allow-methods': 'GET, POST, DELETE',
    'access-control-allow-headers': 'authorization, content-type, mcp-session-id',
  });
  const answer = await ask('/health', { origin, authorization });
  expect(answer.status).toBe(200);
  expect(answer.headers).toMatchObject({
    'access-control-allow-origin': origin,
    'access-control-expose-headers': expect.stringMatching(/Mcp-Session-Id, WWW-Authenticate/),
    vary: 'Origin',
  });
  expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
});

test('a script of a named origin reads why it was refused', async () => {
  const { ask } = await served({ httpAllowedOrigins: [origin] });
  const refused = await ask('/mcp', { origin });
  expect(refused.status).toBe(401);
  expect(refused.headers).toMatchObject({ 'access-control-allow-origin': origin });
});

test.each(['https://evil.example', 'https://app.example.com.evil.example', 'null'])(
  'scripts of the origin %s may neither ask nor read',
  async (evil) => {
    const { ask, authorization } = await served({ httpAllowedOrigins: [origin] });
    const answers = [
      await ask('/mcp', { origin: evil, 'access-control-request-method': 'POST' }, { method: 'OPTIONS' }),
      await ask('/health', { origin: evil, authorization }),
    ];
    for (const { status, headers } of answers) {
      expect(status).toBe(403);
      expect(headers).not.toHaveProperty('access-control-allow-origin');
    }
  },
);
