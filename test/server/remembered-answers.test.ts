import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { GivenSettings } from '../../src/config.ts';
import { call, rowsOf, summaryOf } from '../support/answers.ts';
import { testCall } from '../support/call.ts';
import { connected } from '../support/connected.ts';
import { mongoServer } from '../support/mongo-server.ts';
import { isInstalled, mongoDocumentsForTest, skipReason } from '../support/mongo-servers.ts';

const name = 'mongo-java-server';

describe.skipIf(!isInstalled(name))(`answers that are kept${skipReason(name)}`, () => {
  const server = mongoServer(name);
  let number = 0;

  /** A client of a server that keeps answers, and another program with the same database. */
  async function opened(settings: Partial<GivenSettings> = {}) {
    const database = `shop${++number}`;
    const { client } = await connected({
      settings: {
        mongodbUrl: `${server.url}${database}`,
        enableWrites: true,
        answerCacheMs: 60_000,
        ...settings,
      },
    });
    const other = mongoDocumentsForTest(server.url);
    const add = (price: number) =>
      other.put({ database, collection: 'orders' }, [{ price }], { drop: false }, testCall());
    await add(1);
    const ask = () =>
      call(client, 'aggregate', { collection: 'orders', pipeline: [{ $sort: { price: 1 } }] });
    return { client, add, ask };
  }

  test('an aggregate is answered again as it was, with the types of its values, and says how old that is', async () => {
    const { add, ask } = await opened();
    const first = rowsOf(await ask());
    await add(2);
    await delay(5_100);
    const again = await ask();
    expect(rowsOf(again)).toEqual(first);
    expect(summaryOf(again)).toMatch(
      /As it was \d+ seconds ago: what other programs have changed since is not in it/,
    );
  });

  test('a change through this server ends it', async () => {
    const { client, ask } = await opened();
    await ask();
    await call(client, 'insert', { collection: 'orders', documents: [{ price: 3 }] });
    expect(rowsOf(await ask())).toHaveLength(2);
  });

  test('without the setting every answer is of its moment', async () => {
    const { add, ask } = await opened({ answerCacheMs: 0 });
    await ask();
    await add(2);
    expect(rowsOf(await ask())).toHaveLength(2);
  });

  test('another question is another answer', async () => {
    const { client, ask } = await opened();
    await ask();
    const none = await call(client, 'aggregate', {
      collection: 'orders',
      pipeline: [{ $match: { price: 9 } }],
    });
    expect(rowsOf(none)).toEqual([]);
  });
});
