// Deployments on the same servers that differ in `storeDatabase` know nothing of each other.
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { settings } from '../src/config.ts';
import { createLog } from '../src/observability/log.ts';
import { openStores, type Stores } from '../src/open-stores.ts';
import { createEmbeddedStore } from '../src/stores/embedded/store.ts';
import { ask, counted, keyOf } from './stores/cache/contract.ts';
import { listener, run } from './stores/events/contract.ts';
import { temporaryDirectory } from './support/call.ts';
import { hasNats, natsSkip, startNats } from './support/servers/nats.ts';
import { hasRedis, redisSkip, startRedis } from './support/servers/redis.ts';

/** A node of a deployment. What it would keep on MongoDB is not used here. */
async function node(storeDatabase: string, servers: object): Promise<Stores> {
  const file = createEmbeddedStore(await temporaryDirectory(), 1);
  const mongodb = { mongodbUrl: 'mongodb://127.0.0.1:1', journalStore: 'mongodb' };
  const config = settings.parse({ storeDatabase, ...mongodb, ...servers });
  const stores = openStores(config, file, createLog('silent'));
  onTestFinished(() => stores.close());
  return stores;
}

test.skipIf(!hasRedis)(`on one Redis, neither cache nor wake-ups are shared${redisSkip}`, async () => {
  const server = await startRedis();
  onTestFinished(() => server.kill());
  const servers = { redisUrl: server.url };
  const [ours, alsoOurs, theirs] = [
    await node('ours', servers),
    await node('ours', servers),
    await node('theirs', servers),
  ];
  const value = counted();
  expect(await ask(ours.cache, keyOf('a'), value)).toBe('value 1');
  expect(await ask(alsoOurs.cache, keyOf('a'), value)).toBe('value 1');
  expect(await ask(theirs.cache, keyOf('a'), value)).toBe('value 2');

  const woken = { ours: 0, theirs: 0 };
  await alsoOurs.wakeUps?.onWake(async () => woken.ours++ >= 0);
  await theirs.wakeUps?.onWake(async () => woken.theirs++ >= 0);
  for (let i = 0; i < 4; i++) await ours.wakeUps?.wake(`run-${i}`);
  await expect.poll(() => woken.ours, { timeout: 10_000 }).toBe(4);
  expect(woken.theirs).toBe(0);
});

test.skipIf(!hasNats)(`on one NATS server, neither changes nor messages are shared${natsSkip}`, async () => {
  const server = await startNats();
  onTestFinished(() => server.kill());
  const servers = { natsUrl: server.url };
  const [ours, alsoOurs, theirs] = [
    await node('ours', servers),
    await node('ours', servers),
    await node('theirs', servers),
  ];
  const [near, far] = [await listener(alsoOurs.events), await listener(theirs.events)];
  const messages = { ours: [] as string[], theirs: [] as string[] };
  alsoOurs.channel?.receive((text) => messages.ours.push(text));
  theirs.channel?.receive((text) => messages.theirs.push(text));
  const hear = async (): Promise<unknown[]> => {
    await ours.events.publish(run('r-1'));
    ours.channel?.send('hello');
    await delay(100);
    return [near.told[0], messages.ours[0]];
  };
  await expect.poll(hear, { timeout: 10_000 }).toEqual([run('r-1'), 'hello']);
  // Theirs are connected, too.
  await theirs.events.publish(run('r-2'));
  await expect.poll(() => far.told).toEqual([run('r-2')]);
  await delay(300);
  expect(messages.theirs).toEqual([]);
  expect(far.told).toEqual([run('r-2')]);
});
