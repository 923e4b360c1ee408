import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lazyMongoAuditLog } from '../../../src/stores/mongodb/shared/lazy.ts';
import { testCall } from '../../support/call.ts';
import { everythingTwice } from '../../support/mongo-ports.ts';
import {
  isInstalled,
  mongoStoreForTest,
  type RunningServer,
  skipReason,
  startServer,
} from '../../support/mongo-servers.ts';
import { auditContract } from './contract.ts';

// Not on FerretDB, which is not atomic across connections.
const name = 'mongo-java-server';
let places = 0;

describe.skipIf(!isInstalled(name))(`on MongoDB${skipReason(name)}`, () => {
  let server: RunningServer | undefined;
  beforeAll(async () => {
    server = await startServer(name);
  });
  afterAll(() => server?.stop());

  auditContract({
    name: 'mongodb',
    async open(processes) {
      const database = `audit-${places++}`;
      return Array.from({ length: processes }, () =>
        lazyMongoAuditLog(mongoStoreForTest(server?.url ?? '', { database, timeoutMs: 5_000 })),
      );
    },
  });

  test('records whose acknowledgement was lost are known again when they are appended again', async () => {
    const log = lazyMongoAuditLog(mongoStoreForTest(server?.url ?? '', everythingTwice));
    const code = Buffer.alloc(32, 1).toString('base64url');
    expect(await log.append(undefined, [{ seq: 1, code, text: '{}' }], testCall())).toBe(true);
    expect(await log.read(1, 10, testCall())).toHaveLength(1);
  });
});
