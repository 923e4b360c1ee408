import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HydrogenError } from '../../../src/errors.ts';
import { createMongoConfirmations } from '../../../src/stores/mongodb/shared/confirmations.ts';
import { lazyMongoConfirmations } from '../../../src/stores/mongodb/shared/lazy.ts';
import { testCall } from '../../support/call.ts';
import {
  isInstalled,
  mongoStoreForTest,
  type RunningServer,
  skipReason,
  startServer,
} from '../../support/mongo-servers.ts';
import { confirmationsContract } from './contract.ts';

// Not on FerretDB, which is not atomic across connections.
const name = 'mongo-java-server';
let places = 0;

describe.skipIf(!isInstalled(name))(`on MongoDB${skipReason(name)}`, () => {
  let server: RunningServer | undefined;
  beforeAll(async () => {
    server = await startServer(name);
  });
  afterAll(() => server?.stop());

  test('those that have not expired are told, to be taken elsewhere', async () => {
    const database = `confirmations-${places++}`;
    const spent = createMongoConfirmations(
      mongoStoreForTest(server?.url ?? '', { database, timeoutMs: 5_000 }),
    );
    const later = Date.now() + 60_000;
    await spent.use('used', later, testCall());
    await spent.use('expired', Date.now() - 1, testCall());
    expect(await spent.unexpired(testCall())).toEqual([{ nonce: 'used', expires: later }]);
  });

  confirmationsContract({
    name: 'mongodb',
    async open(processes) {
      const database = `confirmations-${places++}`;
      return Array.from({ length: processes }, () =>
        lazyMongoConfirmations(mongoStoreForTest(server?.url ?? '', { database, timeoutMs: 5_000 })),
      );
    },
  });

  test('a use that is repeated because its answer was lost is that use, not a second one', async () => {
    let lost = 0;
    const spent = lazyMongoConfirmations(
      mongoStoreForTest(server?.url ?? '', {
        async policy(call, work) {
          await work(call);
          lost++;
          return work(call);
        },
      }),
    );
    expect(await spent.use('one', Date.now() + 60_000, testCall())).toBe(true);
    expect(lost).toBe(1);
    expect(await spent.use('one', Date.now() + 60_000, testCall())).toBe(false);
  });

  test('while the server is away nothing counts as confirmed', async () => {
    const spent = lazyMongoConfirmations(
      mongoStoreForTest(server?.url ?? '', {
        policy: () => Promise.reject(new HydrogenError('unavailable', 'away')),
      }),
    );
    await expect(spent.use('one', Date.now() + 60_000, testCall())).rejects.toMatchObject({
      code: 'unavailable',
    });
  });
});
