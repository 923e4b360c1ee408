import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Client,
  type OAuthClientProvider,
  type StoredOAuthClientInformation,
  type StoredOAuthTokens,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import { expect, onTestFinished, test } from 'vitest';
import { run } from '../../scripts/clients/installed.ts';
import type { GivenSettings } from '../../src/config.ts';
import { serveOnHttp } from '../../src/transports/http.ts';
import { openAuthorizationServer } from '../support/authorization-server.ts';
import { type Era, eras, newClient, openedApp } from '../support/connected.ts';
import { audience, openIssuer } from '../support/issuer.ts';
import { initialize, ping, post } from '../support/requests.ts';
import { freePort } from '../support/servers/program.ts';

type GivenIssuer = NonNullable<GivenSettings['oauth']>[number];

async function served(issuer: GivenIssuer, settings: Partial<GivenSettings> = {}): Promise<string> {
  const app = await openedApp({
    data: { plants: [{ name: 'one' }] },
    settings: { httpPort: 0, oauth: [issuer], ...settings },
  });
  const server = await serveOnHttp(app);
  onTestFinished(() => server.close());
  return server.url;
}

interface Person {
  readonly provider: OAuthClientProvider;
  /** Where the person was sent to, the last one last. */
  readonly sentTo: URL[];
  tokens(): StoredOAuthTokens | undefined;
}

/** What a client remembers of an authorization server, and the person before it. */
function person(): Person {
  const sentTo: URL[] = [];
  const redirectUrl = 'http://127.0.0.1:1/callback';
  let information: StoredOAuthClientInformation | undefined;
  let tokens: StoredOAuthTokens | undefined;
  let verifier = '';
  return {
    sentTo,
    tokens: () => tokens,
    provider: {
      redirectUrl,
      clientMetadata: {
        client_name: 'test',
        redirect_uris: [redirectUrl],
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      },
      clientInformation: () => information,
      saveClientInformation(saved) {
        information = saved;
      },
      tokens: () => tokens,
      saveTokens(saved) {
        tokens = saved;
      },
      redirectToAuthorization: (url) => void sentTo.push(url),
      saveCodeVerifier(saved) {
        verifier = saved;
      },
      codeVerifier: () => verifier,
    },
  };
}

const transportOf = (url: string, { provider }: Person): StreamableHTTPClientTransport =>
  new StreamableHTTPClientTransport(new URL(url), { authProvider: provider });

/** Connects with nothing but the address of the server. */
async function logIn(
  url: string,
  era: Era,
  who: Person,
  visit: (address: URL) => Promise<URL>,
): Promise<Client> {
  const first = transportOf(url, who);
  await expect(newClient(era).connect(first)).rejects.toThrow(UnauthorizedError);
  const [address] = who.sentTo;
  if (!address) throw new Error('nobody was sent to log in');
  await first.finishAuth((await visit(address)).searchParams);
  const client = newClient(era);
  await client.connect(transportOf(url, who));
  onTestFinished(() => client.close());
  return client;
}

async function behindServer() {
  const server = await openAuthorizationServer();
  const port = await freePort();
  const url = await served(
    { issuer: server.issuer },
    { httpPort: port, publicUrl: `http://127.0.0.1:${port}` },
  );
  return { server, url };
}

test.each(eras)('a client of %s finds where to log in from the refusal alone, and gets in', async (era) => {
  const { server, url } = await behindServer();
  const who = person();
  const client = await logIn(url, era, who, server.visit);
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain('run_workflow');
});

test.each(eras)(
  'a client of %s whose token lacks a scope is sent to get it when it calls a tool that needs it',
  async (era) => {
    const { server, url } = await behindServer();
    server.grant('read');
    const who = person();
    const client = await logIn(url, era, who, server.visit);
    expect((await client.listTools()).tools.map(({ name }) => name)).not.toContain('run_workflow');
    const call = client.callTool({ name: 'run_workflow', arguments: { workflow: 'x' } });
    await expect(call).rejects.toThrow(UnauthorizedError);
    expect(who.sentTo.at(-1)?.searchParams.get('scope')?.split(' ')).toEqual(
      expect.arrayContaining(['read', 'run']),
    );
  },
);

/** Installed by `npm run foreign-clients`. */
const clients = process.env['HYDROGEN_CLIENTS'] ?? join(homedir(), '.cache/hydrogen-clients');
const python = join(clients, 'python/mcp-1.30.0/bin/python');

test.skipIf(!existsSync(python))(
  'the SDK for Python finds where to log in from the refusal alone, and gets in (enable with npm run foreign-clients -- --prepare)',
  async () => {
    const { url } = await behindServer();
    const program = fileURLToPath(new URL('../support/oauth_client.py', import.meta.url));
    expect((await run(python, [program, url])).split('\n')).toContain('run_workflow');
  },
);

async function withIssuer(settings: Partial<GivenSettings> = {}) {
  const issuer = await openIssuer();
  const url = await served({ issuer: issuer.url, audience }, settings);
  return { issuer, url };
}

test('who has no token is told where to get one', async () => {
  const { issuer, url } = await withIssuer();
  const refused = await post(url, ping, {});
  expect(refused.status).toBe(401);
  const [, metadata = ''] =
    /resource_metadata="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '') ?? [];
  expect(metadata).toBe(new URL('/.well-known/oauth-protected-resource/mcp', url).href);
  expect(await (await fetch(metadata)).json()).toMatchObject({
    resource: url,
    authorization_servers: [issuer.url],
    scopes_supported: ['read', 'ingest', 'run', 'write', 'destroy'],
    bearer_methods_supported: ['header'],
  });
});

test('the metadata have the address that clients use', async () => {
  const { url } = await withIssuer({ publicUrl: 'https://mcp.example.com/' });
  const metadata = await fetch(new URL('/.well-known/oauth-protected-resource', url));
  expect(await metadata.json()).toMatchObject({ resource: 'https://mcp.example.com/mcp' });
  expect((await post(url, ping, {})).headers.get('www-authenticate')).toContain(
    'resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp"',
  );
});

test('without issuers there are no metadata', async () => {
  const server = await serveOnHttp(await openedApp({ settings: { httpPort: 0 } }));
  onTestFinished(() => server.close());
  expect((await fetch(new URL('/.well-known/oauth-protected-resource', server.url))).status).toBe(404);
});

test('a wrong token is refused with its reason, in the body and in the challenge', async () => {
  const { issuer, url } = await withIssuer();
  const token = await issuer.sign({ aud: 'https://other.example.com' });
  const refused = await post(url, ping, { authorization: `Bearer ${token}` });
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toMatch(
    /error="invalid_token", error_description="The token is meant for another server/,
  );
  expect(await refused.json()).toMatchObject({
    error: { message: expect.stringContaining('another server') },
  });
});

test('a token without a scope of ours is answered with 403 and the scope that it needs', async () => {
  const { issuer, url } = await withIssuer();
  const token = await issuer.sign({ scope: 'openid' });
  const refused = await post(url, ping, { authorization: `Bearer ${token}` });
  expect(refused.status).toBe(403);
  expect(refused.headers.get('www-authenticate')).toMatch(/error="insufficient_scope".*scope="read"/);
});

test('while the keys of the issuer are away a token is answered with 503, to be sent again', async () => {
  const { issuer, url } = await withIssuer();
  issuer.answers(false);
  const refused = await post(url, ping, { authorization: `Bearer ${await issuer.sign()}` });
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused.headers.get('www-authenticate')).toBeNull();
});

test('the stream of a token that expires is closed', async () => {
  const issuer = await openIssuer();
  const url = await served({ issuer: issuer.url, audience, clockSkewS: 0 });
  let headers: Record<string, string> = {};
  /** How a stream ended that was opened with a token of that life: closed, or refused, since the machine was busy. */
  async function endOf(lifeS: number): Promise<number | 'closed'> {
    const token = await issuer.sign({ exp: Math.floor(Date.now() / 1_000) + lifeS });
    const authorization = `Bearer ${token}`;
    const answer = await post(url, initialize, { authorization });
    headers = { authorization, 'mcp-session-id': answer.headers.get('mcp-session-id') ?? '' };
    try {
      // Its head comes with what is first said on it.
      const stream = await fetch(url, { headers: { ...headers, accept: 'text/event-stream' } });
      if (stream.status !== 200) return stream.status;
      await stream.text();
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
    }
    return 'closed';
  }
  let end = await endOf(4);
  for (let lifeS = 8; end === 401 && lifeS < 60; lifeS *= 2) end = await endOf(lifeS);
  expect(end).toBe('closed');
  expect((await post(url, ping, headers)).status).toBe(401);
});
