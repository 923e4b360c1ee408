import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lazyMongoApiKeys } from '../../../src/stores/mongodb/shared/lazy.ts';
import { testCall } from '../../support/call.ts';
import { everythingTwice } from '../../support/mongo-ports.ts';
import {
  isInstalled,
  mongoStoreForTest,
  type RunningServer,
  skipReason,
  startServer,
} from '../../support/mongo-servers.ts';
import { apiKeysContract } from './contract.ts';

// Not on FerretDB, which is not atomic across connections.
const name = 'mongo-java-server';
let places = 0;

describe.skipIf(!isInstalled(name))(`on MongoDB${skipReason(name)}`, () => {
  let server: RunningServer | undefined;
  beforeAll(async () => {
    server = await startServer(name);
  });
  afterAll(() => server?.stop());

  apiKeysContract({
    name: 'mongodb',
    async open(processes) {
      const database = `api-keys-${places++}`;
      return Array.from({ length: processes }, () =>
        lazyMongoApiKeys(mongoStoreForTest(server?.url ?? '', { database, timeoutMs: 5_000 })),
      );
    },
  });

  test('what is repeated because its answer was lost happens once', async () => {
    const database = `api-keys-${places++}`;
    const keys = lazyMongoApiKeys(
      mongoStoreForTest(server?.url ?? '', { database, timeoutMs: 5_000, ...everythingTwice }),
    );
    await keys.add({ id: 'a1', name: 'CI', hash: '00', scopes: ['read'], createdAt: 1_000 }, testCall());
    const rotated = await keys.rotate('a1', { hash: '11', previousUntil: 7_000 }, testCall());
    expect(rotated).toMatchObject({ hash: '11', previous: { hash: '00', until: 7_000 } });
  });
});
