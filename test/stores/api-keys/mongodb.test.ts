import { describe, expect, test } from 'vitest';
import { lazyMongoApiKeys } from '../../../src/stores/mongodb/shared/lazy.ts';
import { testCall } from '../../support/call.ts';
import { everythingTwice } from '../../support/mongo-ports.ts';
import { mongoServer } from '../../support/mongo-server.ts';
import { isInstalled, skipReason } from '../../support/mongo-servers.ts';
import { apiKeysContract } from './contract.ts';

// Not on FerretDB, which is not atomic across connections.
const name = 'mongo-java-server';

describe.skipIf(!isInstalled(name))(`on MongoDB${skipReason(name)}`, () => {
  const server = mongoServer(name);

  apiKeysContract({
    name: 'mongodb',
    open: async (processes) => server.stores(processes).map(lazyMongoApiKeys),
  });

  test('what is repeated because its answer was lost happens once', async () => {
    const keys = lazyMongoApiKeys(server.store(everythingTwice));
    await keys.add({ id: 'a1', name: 'CI', hash: '00', scopes: ['read'], createdAt: 1_000 }, testCall());
    const rotated = await keys.rotate('a1', { hash: '11', previousUntil: 7_000 }, testCall());
    expect(rotated).toMatchObject({ hash: '11', previous: { hash: '00', until: 7_000 } });
  });
});
