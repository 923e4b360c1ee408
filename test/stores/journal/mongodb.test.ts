import { afterAll, beforeAll, describe } from 'vitest';
import { lazyMongoJournal } from '../../../src/stores/mongodb/journal/lazy.ts';
import {
  isInstalled,
  mongoStoreForTest,
  type RunningServer,
  skipReason,
  startServer,
} from '../../support/mongo-servers.ts';
import { journalContract } from './contract.ts';

// On mongo-java-server alone: FerretDB 1.24 does not change documents atomically across connections, so that two could
// claim one run there; MongoDB does.
const name = 'mongo-java-server';

describe.skipIf(!isInstalled(name))(`on MongoDB${skipReason(name)}`, () => {
  let server: RunningServer | undefined;
  beforeAll(async () => {
    server = await startServer(name);
  });
  afterAll(() => server?.stop());

  journalContract({
    name: 'mongodb',
    open: async () => lazyMongoJournal(mongoStoreForTest(server?.url ?? '', { timeoutMs: 5_000 })),
  });
});
