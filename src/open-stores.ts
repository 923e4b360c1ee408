import { dataDirectoryOf } from './config/data-directory.ts';
import { type ChosenStores, isOnMongodb, storesOf } from './config/stores.ts';
import type { Config } from './config.ts';
import { HydrogenError } from './errors.ts';
import type { KnownBackend } from './metrics/collect.ts';
import type { Logger } from './observability/log.ts';
import { reveal, type Secret } from './observability/secret.ts';
import type { SpentConfirmations } from './policy/confirmation.ts';
import type { Counters } from './policy/counters.ts';
import type { KeyRing } from './policy/signing.ts';
import type { ApiKeys } from './stores/api-keys/api-keys.ts';
import type { AuditLog } from './stores/audit/audit-log.ts';
import type { Backend } from './stores/backend.ts';
import type { Cache, CacheServer } from './stores/cache/cache.ts';
import { createMemoryCache } from './stores/cache/memory.ts';
import { lazyRedisCache } from './stores/cache/redis/lazy.ts';
import { createKeyRing } from './stores/data-directory.ts';
import type { Exports } from './stores/documents/export/exports.ts';
import { createExportsFolder } from './stores/documents/export/exports-folder.ts';
import { createEmbeddedApiKeys } from './stores/embedded/api-keys/api-keys.ts';
import { createEmbeddedAuditLog } from './stores/embedded/audit/audit.ts';
import { createEmbeddedConfirmations } from './stores/embedded/confirmations/confirmations.ts';
import type { StoreFile } from './stores/embedded/engine/store-file.ts';
import { createEmbeddedCatalog, createEmbeddedLibraryPorts } from './stores/embedded/index/search-index.ts';
import { createEmbeddedJournal, createEmbeddedVerdicts } from './stores/embedded/journal/journal.ts';
import type { Events, EventsServer, NodeChannel } from './stores/events/events.ts';
import { createInProcessEvents } from './stores/events/in-process.ts';
import { lazyNatsEvents } from './stores/events/nats/lazy.ts';
import type { ForeignPassages } from './stores/index/foreign-passages.ts';
import { withPassagesIn } from './stores/index/passages-elsewhere.ts';
import type { LibraryPorts } from './stores/index/types.ts';
import type { Journal, Verdicts } from './stores/journal/types.ts';
import { lazyBackend } from './stores/lazy-backend.ts';
import type { CountersServer } from './stores/limits/counters-server.ts';
import { createMemoryCounters } from './stores/limits/memory.ts';
import { lazyRedisCounters } from './stores/limits/redis/lazy.ts';
import type { Mailbox } from './stores/mailbox.ts';
import { lazyMongoCatalog } from './stores/mongodb/catalog/lazy.ts';
import { createMongoStore, type MongoStore } from './stores/mongodb/client.ts';
import { lazyMongoJournal } from './stores/mongodb/journal/lazy.ts';
import {
  lazyMongoApiKeys,
  lazyMongoAuditLog,
  lazyMongoConfirmations,
  lazyMongoExports,
  lazyMongoKeyRing,
  lazyMongoMailbox,
} from './stores/mongodb/shared/lazy.ts';
import { lazyForeignPassages, lazyQdrantIndex } from './stores/qdrant/lazy.ts';
import type { QdrantIndex } from './stores/qdrant/qdrant.ts';
import { lazyBullmqWakeUps } from './stores/queue/bullmq/lazy.ts';
import type { WakeUps, WakeUpsServer } from './stores/queue/wake-ups.ts';
import { wakingJournal } from './stores/queue/waking-journal.ts';
import type { ServerStatus } from './stores/store-status.ts';

/** What the server keeps, each in the store that the settings choose. */
export interface Stores {
  readonly library: LibraryPorts;
  readonly journal: Journal;
  readonly verdicts: Verdicts;
  readonly spent: SpentConfirmations;
  readonly keys: KeyRing;
  readonly apiKeys: ApiKeys;
  readonly exports: Exports;
  readonly audit: AuditLog;
  readonly cache: Cache;
  /** What callers have used, where it is limited. */
  readonly counters: Counters;
  readonly events: Events;
  /** The way to the other nodes; absent where this one knows of none. */
  readonly channel?: NodeChannel;
  /** Where answers wait for the node that asked; absent where no other node could have. */
  readonly mailbox?: Mailbox;
  /** Where other nodes may execute the runs, too. */
  readonly wakeUps?: WakeUps;
  /** Those of the servers that hold something, for health. */
  readonly servers: readonly ServerStatus[];
  /** What they have last shown of themselves, for metrics. */
  readonly backends: readonly KnownBackend[];
  /** From the next use on, the connection string of these settings, for the same data. */
  reconnect(changed: Pick<Config, 'mongodbUrl'>): void;
  close(): Promise<void>;
}

/** Of a store that is not chosen nothing is asked. */
const textOf = (secret: Secret | undefined): string => (secret === undefined ? '' : reveal(secret));

const mongodbName = 'The MongoDB server (setting mongodbUrl)';

const mongodbConnections = 10;

/** The client for what this server keeps on MongoDB, which connects at its first use. */
export function openMongodb({
  mongodbUrl,
  storeDatabase,
  serverTimeoutMs,
}: Config): (MongoStore & Pick<Backend, 'state'>) | undefined {
  if (mongodbUrl === undefined) return undefined;
  const policy = lazyBackend({
    system: 'mongodb',
    name: mongodbName,
    timeoutMs: serverTimeoutMs,
    // As many as the driver has connections: who waits for one must not seem to wait for the server.
    maxConcurrent: mongodbConnections,
    // The client has already put them into words.
    inWords: (cause) => new HydrogenError('internal', `${mongodbName} failed.`, { cause }),
  });
  const store = createMongoStore({
    setting: 'mongodbUrl',
    url: reveal(mongodbUrl),
    database: storeDatabase,
    timeoutMs: serverTimeoutMs,
    maxPoolSize: mongodbConnections,
    policy: policy.use,
  });
  return { ...store, state: policy.state };
}

/** Where the passages are, for all processes that share the catalog. */
export const passagesPlace = ({ qdrantCollection }: Config): string =>
  `Qdrant collection ${qdrantCollection}`;

export function qdrantSettings(config: Config): Parameters<typeof lazyQdrantIndex>[0] {
  const { qdrantUrl = '', qdrantApiKey, qdrantCollection, serverTimeoutMs } = config;
  return {
    url: qdrantUrl,
    ...(qdrantApiKey !== undefined && { apiKey: reveal(qdrantApiKey) }),
    collection: qdrantCollection,
    setting: 'qdrantUrl',
    timeoutMs: serverTimeoutMs,
  };
}

const qdrantStatus = (index: QdrantIndex, { qdrantCollection }: Config): ServerStatus => ({
  name: 'qdrant',
  where: `Qdrant server with the passages, collection "${qdrantCollection}"`,
  of: 'the setting qdrantUrl',
  ping: index.ping,
});

type CollectionSettings = Config['qdrantCollections'][number];

/** A collection that others fill. Its server has a key of its own, unless it is that of `qdrantUrl`. */
export function openForeign(
  { name, collection, url, apiKey, text, metadata, vector, title, document }: CollectionSettings,
  { qdrantUrl = '', qdrantApiKey, serverTimeoutMs }: Config,
): { readonly passages: ForeignPassages; readonly status: ServerStatus } {
  const key = apiKey ?? (url === undefined ? qdrantApiKey : undefined);
  const passages = lazyForeignPassages({
    ...{ name, collection, url: url ?? qdrantUrl, text, metadata, timeoutMs: serverTimeoutMs },
    ...(key !== undefined && { apiKey: reveal(key) }),
    ...(vector !== undefined && { vector }),
    ...(title !== undefined && { title }),
    ...(document !== undefined && { document }),
  });
  const status = {
    name: `qdrant ${name}`,
    where: `Qdrant server, collection "${collection}", which others fill`,
    of: `"${name}" (setting qdrantCollections)`,
    ping: passages.ping,
  };
  return { passages, status };
}

/** The library in the store file, or its documents and its passages where they are to be. */
function openLibrary(
  file: StoreFile,
  mongodb: MongoStore | undefined,
  qdrant: QdrantIndex | undefined,
  config: Config,
): LibraryPorts {
  const embedded = createEmbeddedLibraryPorts(file);
  if (!qdrant) return embedded;
  const { catalog, lease, positions } = mongodb
    ? lazyMongoCatalog(mongodb)
    : { ...embedded, catalog: createEmbeddedCatalog(file) };
  return {
    catalog: withPassagesIn(qdrant, passagesPlace(config), catalog),
    retriever: qdrant,
    backfill: qdrant,
    lease,
    positions,
  };
}

/** A cache that is slower is of no use: what it would say is computed meanwhile, ms. */
const maxCacheMs = 500;

function openRedis({ redisUrl, storeDatabase, serverTimeoutMs }: Config, log: Logger): CacheServer {
  const timeoutMs = Math.min(serverTimeoutMs, maxCacheMs);
  const prefix = `${storeDatabase}:`;
  return lazyRedisCache({ url: textOf(redisUrl), setting: 'setting redisUrl', prefix, timeoutMs, log });
}

function openCounters({ redisUrl, storeDatabase, serverTimeoutMs }: Config, log: Logger): CountersServer {
  return lazyRedisCounters({
    url: textOf(redisUrl),
    setting: 'setting redisUrl',
    prefix: `${storeDatabase}:`,
    timeoutMs: Math.min(serverTimeoutMs, maxCacheMs),
    meanwhile: createMemoryCounters(),
    log,
  });
}

function openWakeUps({ redisUrl, storeDatabase }: Config, log: Logger): WakeUpsServer {
  const prefix = `${storeDatabase}-queue`;
  return lazyBullmqWakeUps({ url: textOf(redisUrl), setting: 'setting redisUrl', prefix, log });
}

function redisStatus(cache: CacheServer | undefined, wakeUps: WakeUpsServer | undefined): ServerStatus {
  const uses = [...(cache ? ['the cache'] : []), ...(wakeUps ? ['wake-ups of runs'] : [])].join(' and ');
  return {
    name: 'redis',
    get where() {
      const caveat = wakeUps?.caveat();
      return `Redis server with ${uses}${caveat === undefined ? '' : ` (${caveat})`}`;
    },
    of: 'the setting redisUrl',
    async ping(call) {
      const all = await Promise.all([cache, wakeUps].map((one) => one?.ping(call) ?? 0));
      return Math.max(...all);
    },
  };
}

function openNats(config: Config, log: Logger): EventsServer {
  const { natsUrl, natsCredentials, storeDatabase, serverTimeoutMs } = config;
  return lazyNatsEvents({
    url: textOf(natsUrl),
    ...(natsCredentials !== undefined && { credentials: reveal(natsCredentials) }),
    setting: 'setting natsUrl',
    prefix: storeDatabase,
    timeoutMs: serverTimeoutMs,
    log,
  });
}

const natsStatus = (events: EventsServer): ServerStatus => ({
  name: 'nats',
  where: 'NATS server with events',
  of: 'the setting natsUrl',
  ping: events.ping,
});

function keysOn(shared: MongoStore | undefined, dataDirectory: string, log: Logger): KeyRing {
  return shared ? lazyMongoKeyRing(shared, log) : createKeyRing(dataDirectory, log);
}

/** The keys alone, for the command that rotates them; `close` ends what they need. */
export function openKeyRing(config: Config, log: Logger): { readonly keys: KeyRing; close(): Promise<void> } {
  const mongodb = storesOf(config).journal === 'mongodb' ? openMongodb(config) : undefined;
  return {
    keys: keysOn(mongodb, dataDirectoryOf(config), log),
    close: async () => mongodb?.close(),
  };
}

/** What nodes have to agree on: in the store file and the data directory, or on MongoDB. */
function openAgreed(
  config: Config,
  file: StoreFile,
  shared: MongoStore | undefined,
  log: Logger,
): Pick<Stores, 'journal' | 'verdicts' | 'spent' | 'keys' | 'apiKeys' | 'exports' | 'audit' | 'mailbox'> {
  const dataDirectory = dataDirectoryOf(config);
  const keys = keysOn(shared, dataDirectory, log);
  const lifetimeMs = config.keepExportsMs;
  const folder = createExportsFolder(dataDirectory, undefined, lifetimeMs);
  if (!shared) {
    return {
      journal: createEmbeddedJournal(file),
      verdicts: createEmbeddedVerdicts(file),
      spent: createEmbeddedConfirmations(file),
      keys,
      apiKeys: createEmbeddedApiKeys(file),
      exports: folder,
      audit: createEmbeddedAuditLog(file),
    };
  }
  return {
    ...lazyMongoJournal(shared),
    spent: lazyMongoConfirmations(shared),
    keys,
    apiKeys: lazyMongoApiKeys(shared),
    exports: lazyMongoExports(shared, { copies: folder, log, lifetimeMs }),
    audit: lazyMongoAuditLog(shared),
    mailbox: lazyMongoMailbox(shared),
  };
}

/** What health says that MongoDB holds. */
const keptOn = ({ catalog, journal }: ChosenStores): string =>
  [
    ...(catalog === 'mongodb' ? ['the library'] : []),
    ...(journal === 'mongodb'
      ? ['runs', 'keys', 'API keys', 'used confirmations', 'exports', 'audit records']
      : []),
  ].join(', ');

/** Those of the servers that are used. */
function backendsOf(servers: Readonly<Record<string, Pick<Backend, 'state'> | undefined>>): KnownBackend[] {
  return Object.entries(servers).flatMap(([name, server]) =>
    server ? [{ name, state: () => server.state() }] : [],
  );
}

/**
 * Chooses what holds the documents of the library, its passages, the runs and what nodes have to agree on. Nothing is
 * opened or connected yet.
 */
export function openStores(config: Config, file: StoreFile, log: Logger): Stores {
  const chosen = storesOf(config);
  const redis = chosen.cache === 'redis' ? openRedis(config, log) : undefined;
  const counters = chosen.cache === 'redis' ? openCounters(config, log) : undefined;
  const nats = chosen.events === 'nats' ? openNats(config, log) : undefined;
  const qdrant = chosen.index === 'qdrant' ? lazyQdrantIndex(qdrantSettings(config)) : undefined;
  const mongodb = isOnMongodb(chosen) ? openMongodb(config) : undefined;
  const agreed = openAgreed(config, file, chosen.journal === 'mongodb' ? mongodb : undefined, log);
  const isWaking = chosen.journal === 'mongodb' && config.redisUrl !== undefined;
  const wakeUps = isWaking ? openWakeUps(config, log) : undefined;
  return {
    ...agreed,
    library: openLibrary(file, chosen.catalog === 'mongodb' ? mongodb : undefined, qdrant, config),
    ...(wakeUps && { wakeUps, journal: wakingJournal(agreed.journal, wakeUps) }),
    cache: redis ?? createMemoryCache(),
    counters: counters ?? createMemoryCounters(),
    events: nats ?? createInProcessEvents(log),
    ...(nats && { channel: nats }),
    servers: [
      ...(mongodb ? [mongodb.status(keptOn(chosen))] : []),
      ...(qdrant ? [qdrantStatus(qdrant, config)] : []),
      ...(redis || wakeUps ? [redisStatus(redis, wakeUps)] : []),
      ...(nats ? [natsStatus(nats)] : []),
    ],
    backends: backendsOf({
      mongodb,
      qdrant,
      'redis cache': redis,
      'redis limits': counters,
      'redis wake-ups': wakeUps,
      nats,
    }),
    reconnect({ mongodbUrl }) {
      if (mongodbUrl !== undefined) mongodb?.reconnect(reveal(mongodbUrl));
    },
    async close() {
      await Promise.all([mongodb, redis, counters, nats, wakeUps].map((server) => server?.close()));
    },
  };
}
