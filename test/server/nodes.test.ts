// Several servers behind a balancer: what one of them has given, any other takes.
import type { Client } from '@modelcontextprotocol/client';
import { beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { settings as schema } from '../../src/config.ts';
import { createLog } from '../../src/observability/log.ts';
import { openKeyRing } from '../../src/open-stores.ts';
import { call, failure, rowsOf } from '../support/answers.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { connected } from '../support/connected.ts';
import { mongoServer } from '../support/mongo-server.ts';
import { isInstalled, mongoDocuments, skipReason } from '../support/mongo-servers.ts';

// On mongo-java-server: FerretDB 1.24 is not atomic across connections.
const name = 'mongo-java-server';
const shop = { database: 'shop', collection: 'counters' };

describe.skipIf(!isInstalled(name))(`nodes that share journalStore mongodb${skipReason(name)}`, () => {
  const server = mongoServer(name);
  beforeAll(async () => {
    const store = mongoDocuments(server.url);
    await store.put(shop, [{ _id: 1, n: 0 }], { drop: false }, testCall());
    await store.close();
  });

  const shared = () => ({
    mongodbUrl: `${server.url}shop`,
    journalStore: 'mongodb' as const,
    enableWrites: true,
    confirmBy: 'token' as const,
  });

  /** Each with a data directory of its own. */
  const nodes = (count: number): Promise<{ app: App; client: Client }[]> =>
    Promise.all(Array.from({ length: count }, () => connected({ settings: shared() })));

  const increment = { collection: 'counters', filter: { _id: 1 }, update: { $inc: { n: 1 } } };

  async function asked(client: Client): Promise<string> {
    const text = await failure(client, 'update', increment);
    const confirmation = /"confirmation": "([^"]+)"/.exec(text)?.[1];
    if (confirmation === undefined) throw new Error(`no token: ${text}`);
    return confirmation;
  }

  test('of four nodes that race for one confirmation, forty times, one writes each time', async () => {
    const four = await nodes(4);
    const [first] = four;
    if (!first) throw new Error('no node');
    for (let race = 0; race < 40; race++) {
      const confirmation = await asked(four[race % 4]?.client ?? first.client);
      const answers = await Promise.all(
        four.map(({ client }) =>
          client.callTool({ name: 'update', arguments: { ...increment, confirmation } }),
        ),
      );
      expect(answers.filter(({ isError }) => !isError)).toHaveLength(1);
    }
    const [counter] = rowsOf(await call(first.client, 'find', { collection: 'counters' }));
    expect(counter).toMatchObject({ n: 40 });
  });

  test('an export of one node is read from another', async () => {
    const [first, second] = await nodes(2);
    if (!first || !second) throw new Error('no node');
    const answer = await call(first.client, 'export', { collection: 'counters' });
    const link = answer.content.find((block) => block.type === 'resource_link');
    const { contents } = await second.client.readResource({ uri: link?.uri ?? '' });
    expect(contents).toMatchObject([{ text: expect.stringMatching(/^\{"_id":1,/) }]);
  });

  test('the keys that the command rotates are those of the nodes', async () => {
    const [node] = await nodes(1);
    if (!node) throw new Error('no node');
    const before = (await node.app.signer()).sign('cursor', '1').split('.')[0];
    const config = schema.parse({ dataDir: await temporaryDirectory(), ...shared() });
    const ring = openKeyRing(config, createLog('silent'));
    const rotated = await ring.keys.rotate().finally(() => ring.close());
    expect(rotated.map(({ id }) => id).slice(1)).toEqual([before]);
  });
});
