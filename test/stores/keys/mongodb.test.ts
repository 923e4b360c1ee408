import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { HydrogenError } from '../../../src/errors.ts';
import { createLog } from '../../../src/observability/log.ts';
import type { KeyRing } from '../../../src/policy/signing.ts';
import type { MongoStoreSettings } from '../../../src/stores/mongodb/client.ts';
import { createMongoKeyRing } from '../../../src/stores/mongodb/shared/key-ring.ts';
import { mongoServer } from '../../support/mongo-server.ts';
import { isInstalled, skipReason } from '../../support/mongo-servers.ts';
import { keysContract } from './contract.ts';

// Not on FerretDB, which is not atomic across connections.
const name = 'mongo-java-server';
const times = { cacheMs: 50, announceMs: 200 };
let places = 0;

describe.skipIf(!isInstalled(name))(`on MongoDB${skipReason(name)}`, () => {
  const server = mongoServer(name);

  function ring(database: string, settings: Partial<MongoStoreSettings> = {}, options = times): KeyRing {
    const store = server.store({ database, ...settings });
    return createMongoKeyRing(store, createLog('silent'), options);
  }

  keysContract({
    name: 'mongodb',
    async open(processes) {
      const database = `keys-${places++}`;
      return Array.from({ length: processes }, () => ring(database));
    },
    settled: () => setTimeout(300),
  });

  test('they are read once for many calls', async () => {
    let finds = 0;
    const keys = ring(
      `keys-${places++}`,
      {
        observe: (command) => {
          if (command === 'find') finds++;
        },
      },
      { cacheMs: 60_000, announceMs: 0 },
    );
    for (let i = 0; i < 10; i++) await keys.current();
    await Promise.all(Array.from({ length: 10 }, () => keys.current()));
    expect(finds).toBe(1);
  });

  test('while the server is away, the keys that were read last are used, and that is fast', async () => {
    let isAway = false;
    const keys = ring(`keys-${places++}`, {
      policy: (call, work) =>
        isAway ? new Promise((_, reject) => call.signal.addEventListener('abort', reject)) : work(call),
    });
    const before = await keys.current();
    isAway = true;
    await setTimeout(60);
    const begun = Date.now();
    expect(await keys.current()).toEqual(before);
    expect(Date.now() - begun).toBeLessThan(2_000);
  });

  test('where none were ever read, the server that is away is named', async () => {
    const keys = ring(`keys-${places++}`, {
      policy: () => Promise.reject(new HydrogenError('unavailable', 'MongoDB is away')),
    });
    await expect(keys.current()).rejects.toMatchObject({ code: 'unavailable', message: 'MongoDB is away' });
  });

  test('three rotations in a row end the key before them, once the last one signs', async () => {
    const keys = ring(`keys-${places++}`);
    const [before] = await keys.current();
    for (let i = 0; i < 3; i++) await keys.rotate();
    expect((await keys.current()).map(({ id }) => id)).toContain(before.id);
    await setTimeout(300);
    expect((await keys.current()).map(({ id }) => id)).not.toContain(before.id);
    expect(await keys.current()).toHaveLength(3);
  });

  test('rotations at once each add their key', async () => {
    const database = `keys-${places++}`;
    const rings = [ring(database), ring(database)];
    await rings[0]?.current();
    await Promise.all(rings.map((one) => one.rotate()));
    await setTimeout(60);
    expect(await rings[0]?.current()).toHaveLength(3);
  });

  test('a rotation whose answer was lost is made once', async () => {
    const database = `keys-${places++}`;
    await ring(database).current();
    const rotated = await ring(database, {
      async policy(call, work) {
        await work(call);
        return work(call);
      },
    }).rotate();
    expect(rotated).toHaveLength(2);
  });
});
