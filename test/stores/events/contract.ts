// What events do, in the words of who publishes and who listens.
import { describe, expect, test } from 'vitest';
import type { Change, Events } from '../../../src/stores/events/events.ts';

interface EventsFixture {
  readonly name: string;
  /** So many nodes that share their events, each of which already receives. */
  open(nodes: number): Promise<readonly [Events, ...Events[]]>;
}

export const run = (id: string): Change => ({ type: 'run.changed', subject: id });

export const collection: Change = {
  type: 'collection.changed',
  subject: 'sales/shop/orders',
  data: { connection: 'sales', server: 'abc', database: 'shop', collection: 'orders', dropped: false },
};

/** What a node was told: the changes as they came, those of others marked. */
export async function listener(events: Events): Promise<{ told: Change[]; ofOthers: Change[] }> {
  const heard = { told: [] as Change[], ofOthers: [] as Change[] };
  await events.subscribe((change, { isOwn }) => {
    heard.told.push(change);
    if (!isOwn) heard.ofOthers.push(change);
  });
  return heard;
}

export function eventsContract({ name, open }: EventsFixture): void {
  describe(`events (${name})`, () => {
    test('who listens is told every change as it was published', async () => {
      const [events] = await open(1);
      const heard = await listener(events);
      const changes: Change[] = [{ type: 'library.changed' }, run('r-1'), collection, run('r-2')];
      for (const change of changes) await events.publish(change);
      await expect.poll(() => heard.told).toEqual(changes);
      expect(heard.ofOthers).toEqual([]);
    });

    test('all who listen are told, once each', async () => {
      const [events] = await open(1);
      const all = [await listener(events), await listener(events)];
      await events.publish(run('r-1'));
      for (const { told } of all) await expect.poll(() => told).toEqual([run('r-1')]);
    });

    test('who listens no more is told nothing', async () => {
      const [events] = await open(1);
      const told: Change[] = [];
      const subscription = await events.subscribe((change) => void told.push(change));
      await events.publish(run('r-1'));
      await subscription.unsubscribe();
      await events.publish(run('r-2'));
      const heard = await listener(events);
      await events.publish(run('r-3'));
      await expect.poll(() => heard.told).toEqual([run('r-3')]);
      expect(told).toEqual([run('r-1')]);
    });

    test('a listener that fails keeps nobody from being told, and fails no publisher', async () => {
      const [events] = await open(1);
      await events.subscribe(() => {
        throw new Error('a defect');
      });
      const heard = await listener(events);
      await events.publish(run('r-1'));
      await expect.poll(() => heard.told).toEqual([run('r-1')]);
    });
  });
}

/** What events that several nodes share do besides. */
export function sharedEventsContract({ name, open }: EventsFixture): void {
  describe(`shared events (${name})`, () => {
    test('what one node publishes all others are told, with everything that belongs to it', async () => {
      const [one, ...others] = await open(3);
      const all = await Promise.all(others.map(listener));
      await one.publish(collection);
      await one.publish({ type: 'library.changed' });
      for (const heard of all) {
        await expect.poll(() => heard.ofOthers).toEqual([collection, { type: 'library.changed' }]);
      }
    });

    test('a node is told of its own changes once', async () => {
      const [one, two = one] = await open(2);
      const [own, other] = [await listener(one), await listener(two)];
      await one.publish(run('r-1'));
      await two.publish(run('r-2'));
      await expect.poll(() => own.told).toEqual([run('r-1'), run('r-2')]);
      await expect.poll(() => other.told.length).toBe(2);
      expect(own.ofOthers).toEqual([run('r-2')]);
    });

    test('of many changes of the same thing at once, the last is told', async () => {
      const [one, two = one] = await open(2);
      const heard = await listener(two);
      const count = 500;
      for (let i = 0; i < count; i++) await one.publish(run('r-1'));
      await one.publish(run('last'));
      await expect.poll(() => heard.told.at(-1)).toEqual(run('last'));
      expect(heard.told.length).toBeLessThan(count);
      expect(heard.told.length).toBeGreaterThanOrEqual(2);
    });

    test('more changes than can be told one by one are told as one: everything may have changed', async () => {
      const [one, two = one] = await open(2);
      const heard = await listener(two);
      for (let i = 0; i < 5_000; i++) await one.publish(run(`r-${i}`));
      await expect
        .poll(() => heard.told.some(({ type }) => type === 'everything.changed'), { timeout: 10_000 })
        .toBe(true);
    });
  });
}
