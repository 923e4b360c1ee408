import { dataDirectoryOf } from './config/data-directory.ts';
import { storesOf } from './config/stores.ts';
import type { Config } from './config.ts';
import { badInput } from './errors.ts';
import type { Move } from './move/move.ts';
import type { LibrarySide, RunsSide, Way } from './move/sides.ts';
import { openMongodb, passagesPlace, qdrantSettings } from './open-stores.ts';
import { createKeyFileArchive } from './stores/data-directory.ts';
import { createEmbeddedApiKeys } from './stores/embedded/api-keys/api-keys.ts';
import { createEmbeddedConfirmations } from './stores/embedded/confirmations/confirmations.ts';
import type { StoreFile } from './stores/embedded/engine/store-file.ts';
import {
  createEmbeddedLibraryArchive,
  createEmbeddedLibraryPorts,
} from './stores/embedded/index/search-index.ts';
import { createEmbeddedJournal, createEmbeddedJournalArchive } from './stores/embedded/journal/journal.ts';
import { createEmbeddedStore } from './stores/embedded/store.ts';
import { archiveWithPassagesIn } from './stores/index/archive-with-passages-in.ts';
import { withPassagesIn } from './stores/index/passages-elsewhere.ts';
import { createMongoDocumentArchive } from './stores/mongodb/catalog/archive.ts';
import { createMongoLibraryPorts } from './stores/mongodb/catalog/ports.ts';
import type { MongoStore } from './stores/mongodb/client.ts';
import { createMongoJournalArchive } from './stores/mongodb/journal/archive.ts';
import { createMongoJournal } from './stores/mongodb/journal/journal.ts';
import { createMongoApiKeys } from './stores/mongodb/shared/api-keys.ts';
import { createMongoConfirmations } from './stores/mongodb/shared/confirmations.ts';
import { createMongoKeyArchive } from './stores/mongodb/shared/key-ring.ts';
import { createQdrantPassageArchive } from './stores/qdrant/archive.ts';
import { createQdrantIndex } from './stores/qdrant/qdrant.ts';

/** Where to. */
export type Direction = 'servers' | 'embedded';

interface MovedParts {
  readonly library: boolean;
  readonly runs: boolean;
}

/**
 * What the settings choose to be on servers, or, where they choose nothing yet, all that the named servers can hold.
 * @throws HydrogenError `bad_input` where no server is named for anything
 */
function partsOf(config: Config): MovedParts {
  const { catalog, index, journal } = storesOf(config);
  if (catalog === 'mongodb' || journal === 'mongodb')
    return { library: catalog === 'mongodb', runs: journal === 'mongodb' };
  if (config.mongodbUrl === undefined) {
    throw badInput(
      index === 'qdrant'
        ? 'With the passages alone on a server (indexStore) there is nothing to move: `hydrogen reindex` reads the documents again, and writes their passages there. To move the documents, too, set mongodbUrl.'
        : 'No server is named to move to or from. Set mongodbUrl, and qdrantUrl for the library.',
    );
  }
  return { library: config.qdrantUrl !== undefined, runs: true };
}

function embeddedLibrary(file: StoreFile): LibrarySide {
  const { catalog, positions, lease } = createEmbeddedLibraryPorts(file);
  return { catalog, positions, lease, archive: createEmbeddedLibraryArchive(file) };
}

function serverLibrary(config: Config, mongodb: MongoStore): LibrarySide {
  const { catalog, positions, lease } = createMongoLibraryPorts(mongodb);
  const settings = qdrantSettings(config);
  const place = passagesPlace(config);
  return {
    positions,
    lease,
    catalog: withPassagesIn(createQdrantIndex(settings), place, catalog),
    archive: archiveWithPassagesIn(
      createQdrantPassageArchive(settings),
      place,
      createMongoDocumentArchive(mongodb),
    ),
  };
}

const embeddedRuns = (file: StoreFile, dataDirectory: string): RunsSide => ({
  journal: createEmbeddedJournal(file),
  archive: createEmbeddedJournalArchive(file),
  keys: createKeyFileArchive(dataDirectory),
  apiKeys: createEmbeddedApiKeys(file),
  spent: createEmbeddedConfirmations(file),
});

const serverRuns = (mongodb: MongoStore): RunsSide => ({
  journal: createMongoJournal(mongodb),
  archive: createMongoJournalArchive(mongodb),
  keys: createMongoKeyArchive(mongodb),
  apiKeys: createMongoApiKeys(mongodb),
  spent: createMongoConfirmations(mongodb),
});

const embeddedName = 'the embedded store';

function way<Side>(direction: Direction, embedded: Side, servers: Side, serverName: string): Way<Side> {
  return direction === 'servers'
    ? { from: embedded, to: servers, names: { from: embeddedName, to: serverName } }
    : { from: servers, to: embedded, names: { from: serverName, to: embeddedName } };
}

/**
 * Both sides of a move, which are opened and connected at their first use.
 * @throws HydrogenError `bad_input` where the settings name no server
 */
export function openMove(config: Config, direction: Direction): Move & { close(): Promise<void> } {
  const parts = partsOf(config);
  const dataDirectory = dataDirectoryOf(config);
  const mongodb = openMongodb(config);
  if (!mongodb) throw new Error('checked above');
  const file = createEmbeddedStore(dataDirectory, config.readThreads);
  const libraryName = `the library on the servers (database "${config.storeDatabase}" of mongodbUrl, collection "${config.qdrantCollection}" of qdrantUrl)`;
  const runsName = `the database "${config.storeDatabase}" of mongodbUrl`;
  return {
    ...(parts.library && {
      library: way(direction, embeddedLibrary(file), serverLibrary(config, mongodb), libraryName),
    }),
    ...(parts.runs && {
      runs: way(direction, embeddedRuns(file, dataDirectory), serverRuns(mongodb), runsName),
    }),
    async close() {
      await Promise.all([file.close(), mongodb.close()]);
    },
  };
}
