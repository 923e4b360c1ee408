import { beforeAll, describe, expect, test } from 'vitest';
import { call, failure, rowsOf } from '../../support/answers.ts';
import { testCall } from '../../support/call.ts';
import { connected } from '../../support/connected.ts';
import { mongoServer } from '../../support/mongo-server.ts';
import { isInstalled, mongoDocuments, skipReason } from '../../support/mongo-servers.ts';

const name = 'mongo-java-server';

describe.skipIf(!isInstalled(name))(`the database of this server's own data${skipReason(name)}`, () => {
  const server = mongoServer(name);

  beforeAll(async () => {
    const store = mongoDocuments(server.url);
    for (const database of ['own', 'shop']) {
      await store.put({ database, collection: 'plants' }, [{ name: database }], { drop: false }, testCall());
    }
    await store.close();
  });

  const clientOfServer = async () => {
    const settings = {
      mongodbUrl: server.url,
      journalStore: 'mongodb',
      storeDatabase: 'own',
      enableWrites: true,
    };
    const { client } = await connected({ settings: settings as never });
    return client;
  };

  test('is not listed', async () => {
    const databases = rowsOf(await call(await clientOfServer(), 'list_databases', { connection: 'mongodb' }));
    expect(JSON.stringify(databases)).toContain('"shop"');
    expect(JSON.stringify(databases)).not.toContain('"own"');
  });

  test.each([
    ['find', { collection: 'plants' }],
    ['aggregate', { collection: 'plants', pipeline: [] }],
    ['count', { collection: 'plants' }],
    ['list_collections', {}],
    ['insert', { collection: 'plants', documents: [{ a: 1 }] }],
    ['drop_collection', { collection: 'plants' }],
  ])('is out of reach of %s, with the reason', async (tool, args) => {
    const message = await failure(await clientOfServer(), tool, { ...args, database: 'own' });
    expect(message).toContain('holds what this server keeps for itself (setting storeDatabase)');
  });

  test('is out of reach of a stage that names it', async () => {
    const pipeline = [{ $lookup: { from: { db: 'own', coll: 'plants' }, pipeline: [], as: 'x' } }];
    const args = { collection: 'plants', database: 'shop', pipeline };
    expect(await failure(await clientOfServer(), 'aggregate', args)).toContain('keeps for itself');
  });

  test('is not seen in a field that only has such a name', async () => {
    const args = { collection: 'plants', database: 'shop', pipeline: [{ $match: { db: 'own' } }] };
    const answer = await call(await clientOfServer(), 'aggregate', args);
    expect(rowsOf(answer)).toEqual([]);
  });
});
