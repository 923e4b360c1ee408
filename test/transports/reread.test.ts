// Who may call over HTTP, by settings that are read again.
import { describe, expect, onTestFinished, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { type GivenSettings, settings } from '../../src/config.ts';
import { newKeyId, newSecret } from '../../src/policy/api-keys.ts';
import { serveOnHttp } from '../../src/transports/http.ts';
import { call, summaryOf } from '../support/answers.ts';
import { testCall } from '../support/call.ts';
import { type Data, eras, openedApp } from '../support/connected.ts';
import { audience, openIssuer } from '../support/issuer.ts';
import { httpClient } from '../support/process.ts';

function reread(app: App, changed: Partial<GivenSettings>) {
  const { dataDirectory: dataDir } = app;
  const more = { embeddingModel: 'none', sampleWorkflows: false, httpPort: 0, maxEventLoopDelayMs: 0 };
  return app.reread({ config: settings.parse({ dataDir, ...more, ...changed }), files: [] });
}

async function served(given: Partial<GivenSettings>, data: Data = {}) {
  const app = await openedApp({ data, settings: { httpPort: 0, maxEventLoopDelayMs: 0, ...given } });
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
  return { app, url: server.url, statusOf, metadata };
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

test('settings by which anybody on this machine could call are refused, and the issuers stay', async () => {
  const issuer = await openIssuer();
  const { app, statusOf } = await served({ oauth: [{ issuer: issuer.url, audience }] });
  await expect(reread(app, {})).rejects.toThrow(/anybody on this machine could/);
  expect([await statusOf('nobody'), await statusOf(await issuer.sign())]).toEqual([401, 400]);
});

test('the last issuer may go where there are API keys, without which nobody comes in', async () => {
  const issuer = await openIssuer();
  const { app, statusOf } = await served({ oauth: [{ issuer: issuer.url, audience }] });
  const id = newKeyId();
  const { key, hash } = newSecret(id);
  await app.apiKeys.add({ id, name: 'test', hash, scopes: ['read'], createdAt: Date.now() }, testCall());
  await reread(app, {});
  expect([await statusOf('nobody'), await statusOf(key)]).toEqual([401, 400]);
});

test('a link to an export ends with the issuer of the token that it was made for', async () => {
  const [one, other] = [await openIssuer(), await openIssuer()];
  const { app, url } = await served({ oauth: [{ issuer: one.url, audience }] }, { plants: [{ _id: 1 }] });
  const headers = { authorization: `Bearer ${await one.sign()}` };
  const client = await httpClient(url, '2026-07-28', { requestInit: { headers } });
  const exported = await call(client, 'export', { collection: 'plants' });
  const [address = ''] = /http:\S+/.exec(summaryOf(exported)) ?? [];
  expect((await fetch(address)).status).toBe(200);
  await reread(app, { oauth: [{ issuer: other.url, audience }] });
  expect((await fetch(address)).status).toBe(404);
});

describe.each(eras)('a client of %s that has subscribed to a collection', (era) => {
  test('is told of no more changes once its role does not let it see that', async () => {
    const settings = { localRole: 'analyst', roles: { analyst: {} } };
    const { app, url } = await served(settings, { plants: [{ _id: 1 }], stones: [{ _id: 1 }] });
    const client = await httpClient(url, era);
    const told: string[] = [];
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
      told.push(params.uri);
    });
    const uris = ['plants', 'stones'].map((name) => `hydrogen://collections/main/${name}`);
    if (era === '2026-07-28') await client.listen({ resourceSubscriptions: uris });
    else for (const uri of uris) await client.subscribeResource({ uri });
    const change = async (name: string): Promise<void> => {
      const { store } = app.connections.get('embedded');
      await store.put({ database: 'main', collection: name }, [{}], { drop: false }, testCall());
    };
    await change('plants');
    await expect.poll(() => told, { timeout: 30_000 }).toEqual([uris[0]]);
    const analyst = { collections: ['embedded/main/stones'] };
    await reread(app, { ...settings, roles: { analyst } });
    const other = await httpClient(url, era);
    const alsoTold: string[] = [];
    other.setNotificationHandler('notifications/resources/updated', ({ params }) => {
      alsoTold.push(params.uri);
    });
    if (era === '2026-07-28') await other.listen({ resourceSubscriptions: uris });
    else await other.subscribeResource({ uri: uris[1] ?? '' });
    // Both changes are looked for in this order, so that the second one shows that the first was not told.
    await change('plants');
    await change('stones');
    await expect.poll(() => alsoTold, { timeout: 30_000 }).toEqual([uris[1]]);
    expect(told.filter((uri) => uri === uris[0])).toHaveLength(1);
  });
});
