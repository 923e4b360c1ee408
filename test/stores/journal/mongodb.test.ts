import { describe } from 'vitest';
import { createMongoJournalArchive } from '../../../src/stores/mongodb/journal/archive.ts';
import { lazyMongoJournal } from '../../../src/stores/mongodb/journal/lazy.ts';
import { mongoServer } from '../../support/mongo-server.ts';
import { isInstalled, skipReason } from '../../support/mongo-servers.ts';
import { journalContract } from './contract.ts';

// On mongo-java-server alone: FerretDB 1.24 does not change documents atomically across connections, so that two could
// claim one run there; MongoDB does.
const name = 'mongo-java-server';

describe.skipIf(!isInstalled(name))(`on MongoDB${skipReason(name)}`, () => {
  const server = mongoServer(name);

  journalContract({
    name: 'mongodb',
    async open() {
      const store = server.store();
      return { ...lazyMongoJournal(store), archive: createMongoJournalArchive(store) };
    },
  });
});
