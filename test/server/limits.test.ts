import { expect, onTestFinished, test } from 'vitest';
import { type Caller, owner } from '../../src/call.ts';
import { call, failure, summaryOf } from '../support/answers.ts';
import { clientOf, connected, eras, openedApp } from '../support/connected.ts';
import { hasRedis, redisSkip, startRedis } from '../support/servers/redis.ts';

const ada: Caller = { id: 'ada', scopes: ['read'] };
const bob: Caller = { id: 'bob', scopes: ['read'] };
const data = { notes: Array.from({ length: 20 }, (_, i) => ({ _id: i, text: 'a note' })) };

test.each(eras)(
  'a client of %s that calls too often is told by the tool when to call again; others are served',
  async (era) => {
    const app = await openedApp({ data, settings: { limits: { read: { callsPerMinute: 3 } } } });
    const client = await clientOf(app, { era, caller: ada });
    let said = '';
    for (let calls = 0; calls < 4 && said === ''; calls++) {
      const answer = await client.callTool({ name: 'count', arguments: { collection: 'notes' } });
      if (answer.isError) said = summaryOf(answer);
    }
    expect(said).toMatch(/3 calls a minute .* Nothing was done: try again in \d+ s/);
    await call(await clientOf(app, { era, caller: bob }), 'count', { collection: 'notes' });
  },
);

test('a resource that is read too often is refused with when to read it again', async () => {
  const { client } = await connected({ settings: { limits: { read: { callsPerMinute: 1 } } } });
  await client.readResource({ uri: 'health://live' }).catch(() => {});
  await expect(client.readResource({ uri: 'health://live' })).rejects.toThrow(/try again in \d+ s/);
});

test('rows that a caller was given count, and so does the text of its answers', async () => {
  const limits = { read: { rowsPerHour: 20, bytesPerHour: 1_000_000 } };
  const app = await openedApp({ data, settings: { limits } });
  const client = await clientOf(app, { caller: ada });
  await call(client, 'find', { collection: 'notes', limit: 19 });
  await call(client, 'find', { collection: 'notes', limit: 1 });
  expect(await failure(client, 'find', { collection: 'notes' })).toMatch(/20 rows an hour/);
});

test.runIf(hasRedis)(`nodes that share a Redis limit a caller together${redisSkip}`, async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.kill());
  const settings = { redisUrl: redis.url, limits: { read: { callsPerMinute: 1 } } };
  const [one, other] = [await openedApp({ data, settings }), await openedApp({ data, settings })];
  const [here, there] = [await clientOf(one, { caller: ada }), await clientOf(other, { caller: ada })];
  await here.callTool({ name: 'count', arguments: { collection: 'notes' } });
  expect(await failure(there, 'count', { collection: 'notes' })).toMatch(/1 calls a minute/);
  await call(await clientOf(other, { caller: bob }), 'count', { collection: 'notes' });
});

test('the text of answers counts', async () => {
  const app = await openedApp({ data, settings: { limits: { read: { bytesPerHour: 200 } } } });
  const client = await clientOf(app, { caller: ada });
  await call(client, 'find', { collection: 'notes' });
  expect(await failure(client, 'count', { collection: 'notes' })).toMatch(/200 bytes of answers an hour/);
});

test('a caller with no room for exports is told so by the tool; others export', async () => {
  const app = await openedApp({ data, settings: { limits: { exportBytes: 5_000 } } });
  const client = await clientOf(app, { caller: ada });
  await call(client, 'export', { collection: 'notes' });
  expect(await failure(client, 'export', { collection: 'notes' })).toMatch(
    /limits\.exportBytes.* try again in 24 hours/,
  );
  await call(await clientOf(app, { caller: bob }), 'export', { collection: 'notes' });
});

test('whoever is at this machine has no share of exports where the settings name none', async () => {
  const app = await openedApp({ data });
  expect([app.limits.exportBytes(ada), app.limits.exportBytes(owner)]).toEqual([256_000_000, undefined]);
});
