// Two nodes with nothing in common but events and the server that holds their data: what changes on one is told to the
// clients of the other at once, not at its next look at the server.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { createLog } from '../../src/observability/log.ts';
import { createResourceWatch } from '../../src/protocol/watch.ts';
import { createInProcessEvents } from '../../src/stores/events/in-process.ts';
import { testCall } from '../support/call.ts';
import { openedApp } from '../support/connected.ts';
import { isInstalled, type RunningServer, skipReason, startServer } from '../support/mongo-servers.ts';
import { hasNats, type NatsServer, natsSkip, startNats } from '../support/servers/nats.ts';

/** Less than the 30 s after which servers are looked at anyway. */
const soon = { timeout: 25_000 };
/** For a look that nothing else would lead to. */
const patiently = { timeout: 60_000 };

test('an event has the list looked at, though the store file has not changed; without one it is not', async () => {
  const events = createInProcessEvents(createLog('silent'));
  const app = await openedApp({});
  // After a slow look the next one waits: the store is to be open.
  await app.library.list({ limit: 1 }, testCall());
  let looks = 0;
  const library: typeof app.library = {
    ...app.library,
    list(request, call) {
      looks++;
      return app.library.list(request, call);
    },
  };
  const watch = createResourceWatch({ ...app, library, events, changeMark: async () => 'same' });
  onTestFinished(() => watch.close());
  await events.publish({ type: 'library.changed' });
  expect(looks).toBe(0);
  const following = watch.follow({ listChanged() {}, updated() {} });
  await expect.poll(() => looks, patiently).toBe(1);
  await events.publish({ type: 'library.changed' });
  await expect.poll(() => looks, patiently).toBe(2);
  following.end();
  await events.publish({ type: 'library.changed' });
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(looks).toBe(2);
});

test('a look that fails is not repeated without a pause', async () => {
  const events = createInProcessEvents(createLog('silent'));
  const app = await openedApp({});
  let looks = 0;
  const library: typeof app.library = {
    ...app.library,
    async list() {
      looks++;
      throw new Error('not now');
    },
  };
  const watch = createResourceWatch({ ...app, library, events, changeMark: async () => 'same' });
  onTestFinished(() => watch.close());
  watch.follow({ listChanged() {}, updated() {} });
  await events.publish({ type: 'library.changed' });
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(looks).toBeGreaterThan(0);
  expect(looks).toBeLessThan(6);
});

/** Until a node hears of what others do: health has asked the server. */
async function receives(app: App): Promise<void> {
  const isUp = async (): Promise<boolean> =>
    (await app.health.report(testCall())).parts.some(({ name, state }) => name === 'nats' && state === 'up');
  await expect.poll(isUp, soon).toBe(true);
}

const skip = [...(isInstalled('ferretdb') ? [] : [skipReason('ferretdb')]), ...(hasNats ? [] : [natsSkip])];

describe.skipIf(skip.length > 0)(`two nodes on NATS and a MongoDB server${skip.join('')}`, () => {
  let nats: NatsServer;
  let mongo: RunningServer;
  beforeAll(async () => {
    [nats, mongo] = await Promise.all([startNats(), startServer('ferretdb')]);
  });
  afterAll(async () => {
    await Promise.all([nats?.kill(), mongo?.stop()]);
  });

  test('a collection that one node makes, and documents that it adds, are told to the clients of the other', async () => {
    const settings = { natsUrl: nats.url, mongodbUrl: `${mongo.url}shop` };
    const [here, there] = [await openedApp({ settings }), await openedApp({ settings })];
    const namespace = { database: 'shop', collection: 'orders' };
    await here.connections.get().store.put(namespace, [{ _id: 1 }], { drop: false }, testCall());

    await receives(here);
    const watch = createResourceWatch(there);
    onTestFinished(() => watch.close());
    const told = { list: 0, updated: [] as string[] };
    const following = watch.follow({
      listChanged: () => void told.list++,
      updated: (uri) => void told.updated.push(uri),
    });
    const uri = 'hydrogen://collections/shop/orders';
    await following.add(uri);
    // The first look, after which only an event or 30 s lead to another one.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const before = told.list;

    await here.connections.get().store.put(namespace, [{ _id: 2 }], { drop: false }, testCall());
    await expect.poll(() => told.updated, soon).toContain(uri);
    const other = { database: 'shop', collection: 'customers' };
    await here.connections.get().store.put(other, [{ _id: 1 }], { drop: false }, testCall());
    await expect.poll(() => told.list, soon).toBeGreaterThan(before);
  });

  test('what a node remembers of a collection that another one changes is forgotten', async () => {
    const settings = { natsUrl: nats.url, mongodbUrl: `${mongo.url}stock` };
    const [here, there] = [await openedApp({ settings }), await openedApp({ settings })];
    const namespace = { database: 'stock', collection: 'parts' };
    const described = async (): Promise<number> =>
      (await there.connections.get().descriptions.describe(namespace, testCall())).found.documents;
    there.start();
    await here.connections.get().store.put(namespace, [{ _id: 1 }], { drop: false }, testCall());
    await receives(there);
    await expect.poll(described, soon).toBe(1);
    await here.connections.get().store.put(namespace, [{ _id: 2 }], { drop: false }, testCall());
    await expect.poll(described, soon).toBe(2);
  });
});
