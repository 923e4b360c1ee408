import { describe, expect, test } from 'vitest';
import { HydrogenError } from '../../../src/errors.ts';
import { createMongoConfirmations } from '../../../src/stores/mongodb/shared/confirmations.ts';
import { lazyMongoConfirmations } from '../../../src/stores/mongodb/shared/lazy.ts';
import { testCall } from '../../support/call.ts';
import { mongoServer } from '../../support/mongo-server.ts';
import { isInstalled, skipReason } from '../../support/mongo-servers.ts';
import { confirmationsContract } from './contract.ts';

// Not on FerretDB, which is not atomic across connections.
const name = 'mongo-java-server';

describe.skipIf(!isInstalled(name))(`on MongoDB${skipReason(name)}`, () => {
  const server = mongoServer(name);

  test('those that have not expired are told, to be taken elsewhere', async () => {
    const spent = createMongoConfirmations(server.store());
    const later = Date.now() + 60_000;
    await spent.use('used', later, testCall());
    await spent.use('expired', Date.now() - 1, testCall());
    expect(await spent.unexpired(testCall())).toEqual([{ nonce: 'used', expires: later }]);
  });

  confirmationsContract({
    name: 'mongodb',
    open: async (processes) => server.stores(processes).map(lazyMongoConfirmations),
  });

  test('a use that is repeated because its answer was lost is that use, not a second one', async () => {
    let lost = 0;
    const spent = lazyMongoConfirmations(
      server.store({
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
      server.store({
        policy: () => Promise.reject(new HydrogenError('unavailable', 'away')),
      }),
    );
    await expect(spent.use('one', Date.now() + 60_000, testCall())).rejects.toMatchObject({
      code: 'unavailable',
    });
  });
});
