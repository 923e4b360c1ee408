import { describe, expect, test } from 'vitest';
import { lazyMongoAuditLog } from '../../../src/stores/mongodb/shared/lazy.ts';
import { testCall } from '../../support/call.ts';
import { everythingTwice } from '../../support/mongo-ports.ts';
import { mongoServer } from '../../support/mongo-server.ts';
import { isInstalled, skipReason } from '../../support/mongo-servers.ts';
import { auditContract } from './contract.ts';

// Not on FerretDB, which is not atomic across connections.
const name = 'mongo-java-server';

describe.skipIf(!isInstalled(name))(`on MongoDB${skipReason(name)}`, () => {
  const server = mongoServer(name);

  auditContract({
    name: 'mongodb',
    open: async (processes) => server.stores(processes).map(lazyMongoAuditLog),
  });

  test('a batch whose texts two processes have erased at once does not say that any is left', async () => {
    const stores = server.stores(2);
    const [log, other] = stores.map(lazyMongoAuditLog);
    const all = Array.from({ length: 20 }, (_, i) => i + 1);
    const records = all.map((seq) => ({
      ...{ seq, code: Buffer.alloc(32, seq).toString('base64url'), argumentsText: 'words' },
      text: JSON.stringify({ seq, time: new Date(seq * 1_000).toISOString() }),
    }));
    await log?.append(undefined, records, testCall());
    await Promise.all(all.map((seq) => (seq % 2 === 0 ? log : other)?.eraseTexts([seq], testCall())));
    const saying = await stores[0]
      ?.area({})
      .run(testCall(), ({ db, options }) =>
        db.collection('audit').countDocuments({ textsFrom: { $exists: true } }, options()),
      );
    expect(saying).toBe(0);
  });

  test('records whose acknowledgement was lost are known again when they are appended again', async () => {
    const log = lazyMongoAuditLog(server.store(everythingTwice));
    const code = Buffer.alloc(32, 1).toString('base64url');
    expect(await log.append(undefined, [{ seq: 1, code, text: '{}' }], testCall())).toBe(true);
    expect(await log.read(1, 10, testCall())).toHaveLength(1);
  });
});
