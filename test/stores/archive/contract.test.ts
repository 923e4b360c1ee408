import { onTestFinished } from 'vitest';
import {
  createEmbeddedLibraryArchive,
  createEmbeddedLibraryPorts,
} from '../../../src/stores/embedded/index/search-index.ts';
import {
  createEmbeddedJournal,
  createEmbeddedJournalArchive,
} from '../../../src/stores/embedded/journal/journal.ts';
import { createEmbeddedStore } from '../../../src/stores/embedded/store.ts';
import { archiveWithPassagesIn } from '../../../src/stores/index/archive-with-passages-in.ts';
import { withPassagesIn } from '../../../src/stores/index/passages-elsewhere.ts';
import { createMongoDocumentArchive } from '../../../src/stores/mongodb/catalog/archive.ts';
import { createMongoLibraryPorts } from '../../../src/stores/mongodb/catalog/ports.ts';
import { createMongoJournalArchive } from '../../../src/stores/mongodb/journal/archive.ts';
import { createMongoJournal } from '../../../src/stores/mongodb/journal/journal.ts';
import { createQdrantPassageArchive } from '../../../src/stores/qdrant/archive.ts';
import { createQdrantIndex } from '../../../src/stores/qdrant/qdrant.ts';
import { temporaryDirectory } from '../../support/call.ts';
import { mongoPortsServer } from '../../support/mongo-ports.ts';
import { mongoStoreForTest, skipReason } from '../../support/mongo-servers.ts';
import { qdrantSettings, qdrantSkipReason } from '../../support/servers/qdrant.ts';
import { journalArchiveContract } from './journal-contract.ts';
import { libraryArchiveContract, type OpenedLibrary } from './library-contract.ts';

const server = 'mongo-java-server';
const { url } = mongoPortsServer(server);

async function storeFile() {
  const file = createEmbeddedStore(await temporaryDirectory(), 1);
  onTestFinished(() => file.close());
  return file;
}

async function embeddedLibrary(): Promise<OpenedLibrary> {
  const file = await storeFile();
  return { ...createEmbeddedLibraryPorts(file), archive: createEmbeddedLibraryArchive(file) };
}

async function serverLibrary(): Promise<OpenedLibrary> {
  const settings = await qdrantSettings();
  const store = mongoStoreForTest(url(), { timeoutMs: 20_000 });
  const { catalog, positions, lease } = createMongoLibraryPorts(store);
  const index = createQdrantIndex(settings);
  return {
    ...{ positions, lease, retriever: index, backfill: index },
    catalog: withPassagesIn(index, 'a place', catalog),
    archive: archiveWithPassagesIn(
      createQdrantPassageArchive(settings),
      'a place',
      createMongoDocumentArchive(store),
    ),
  };
}

async function embeddedRuns() {
  const file = await storeFile();
  return { journal: createEmbeddedJournal(file), archive: createEmbeddedJournalArchive(file) };
}

async function serverRuns() {
  const store = mongoStoreForTest(url(), { timeoutMs: 20_000 });
  return { journal: createMongoJournal(store), archive: createMongoJournalArchive(store) };
}

const skip = `${skipReason(server)}${qdrantSkipReason}`;
// Scores of a server are floats of 32 bits.
libraryArchiveContract({
  ...{ name: 'embedded to embedded', from: embeddedLibrary, to: embeddedLibrary, tolerance: 1e-9 },
});
libraryArchiveContract({
  ...{ name: 'embedded to servers', from: embeddedLibrary, to: serverLibrary, tolerance: 5e-6, skip },
});
libraryArchiveContract({
  ...{ name: 'servers to embedded', from: serverLibrary, to: embeddedLibrary, tolerance: 5e-6, skip },
});
journalArchiveContract({ name: 'embedded to embedded', from: embeddedRuns, to: embeddedRuns });
journalArchiveContract({
  ...{ name: 'embedded to MongoDB', from: embeddedRuns, to: serverRuns, skip: skipReason(server) },
});
journalArchiveContract({
  ...{ name: 'MongoDB to embedded', from: serverRuns, to: embeddedRuns, skip: skipReason(server) },
});
