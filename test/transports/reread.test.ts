// Who may call over HTTP, by settings that are read again.
import { expect, onTestFinished, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { type GivenSettings, settings } from '../../src/config.ts';
import { serveOnHttp } from '../../src/transports/http.ts';
import { testCall } from '../support/call.ts';
import { openedApp } from '../support/connected.ts';
import { audience, openIssuer } from '../support/issuer.ts';

function reread(app: App, changed: Partial<GivenSettings>) {
  const { dataDirectory: dataDir } = app;
  const more = { embeddingModel: 'none', sampleWorkflows: false, httpPort: 0, maxEventLoopDelayMs: 0 };
  return app.reread({ config: settings.parse({ dataDir, ...more, ...changed }), files: [] });
}

async function served(given: Partial<GivenSettings>) {
  const app = await openedApp({ settings: { httpPort: 0, maxEventLoopDelayMs: 0, ...given } });
  // Opens the store: whether there are keys is known at once then.
  await app.apiKeys.list(testCall());
  const server = await serveOnHttp(app);
  onTestFinished(() => server.close());
  const statusOf = async (token: string): Promise<number> => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
    const { status } = await fetch(server.url, { method: 'POST', headers, body });
    return status;
  };
  const metadata = async (): Promise<{ authorization_servers?: string[] }> => {
    const found = await fetch(new URL('/.well-known/oauth-protected-resource', server.url));
    return found.ok ? ((await found.json()) as { authorization_servers?: string[] }) : {};
  };
  return { app, statusOf, metadata };
}

test('tokens of a new issuer are accepted, and those of one that is gone are not', async () => {
  const [one, other] = [await openIssuer(), await openIssuer()];
  const oauth = [{ issuer: one.url, audience }];
  const { app, statusOf, metadata } = await served({ oauth });
  const tokens = [await one.sign(), await other.sign()] as const;
  expect(await Promise.all(tokens.map(statusOf))).toEqual([400, 401]);
  expect(await reread(app, { oauth: [{ issuer: other.url, audience }] })).toEqual({
    now: ['oauth'],
    later: [],
  });
  expect(await Promise.all(tokens.map(statusOf))).toEqual([401, 400]);
  expect((await metadata()).authorization_servers).toEqual([other.url]);
});

test('a secret of introspection is replaced', async () => {
  const issuer = await openIssuer();
  issuer.opaque.set('opaque', { sub: 'ada', aud: audience, scope: 'read' });
  const given = (clientSecret: string) => ({
    oauth: [
      {
        issuer: issuer.url,
        audience,
        introspection: { url: `${issuer.url}/introspect`, clientId: 'hydrogen', clientSecret },
      },
    ],
  });
  const { app, statusOf } = await served(given('not-sesame'));
  const wrong = await statusOf('opaque');
  await reread(app, given('sesame'));
  expect([wrong, await statusOf('opaque')]).toEqual([503, 400]);
});

test('the first issuer is told of to clients, and the server asks who calls from then on', async () => {
  const issuer = await openIssuer();
  const { app, statusOf, metadata } = await served({});
  expect(await metadata()).toEqual({});
  await reread(app, { oauth: [{ issuer: issuer.url, audience }] });
  expect((await metadata()).authorization_servers).toEqual([issuer.url]);
  expect(await statusOf('nobody')).toBe(401);
});

test('settings by which nobody could call any more are refused, and the issuers stay', async () => {
  const issuer = await openIssuer();
  const given = { httpAuthentication: 'required' as const, oauth: [{ issuer: issuer.url, audience }] };
  const { app, statusOf } = await served(given);
  await expect(reread(app, { httpAuthentication: 'required' })).rejects.toThrow(/nobody could/);
  expect(await statusOf(await issuer.sign())).toBe(400);
});
