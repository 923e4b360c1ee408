import { databaseIn } from '../../config/connections.ts';
import { isOnMongodb, storesOf } from '../../config/stores.ts';
import { type Config, environmentName } from '../../config.ts';
import type { Logger } from '../../observability/log.ts';
import { reveal } from '../../observability/secret.ts';
import { grantsOf } from '../../policy/roles.ts';
import type { Cache } from '../cache/cache.ts';
import type { Change } from '../events/events.ts';
import type { ServerStatus } from '../store-status.ts';
import { type Connection, type Connections, createConnections } from './connections.ts';
import { currentDescriptions, rememberedDescriptions, serverIdentity, tagsOfChange } from './descriptions.ts';
import type { ConnectDocumentServer, DocumentServerSettings } from './document-server.ts';
import type { DocumentStore } from './document-store.ts';
import { guardedDescriptions, guardedStore, type RulesOf } from './guarded.ts';
import { tellingChanges } from './telling-changes.ts';
import { withoutDatabase } from './without-database.ts';

type Named = Pick<DocumentServerSettings, 'name' | 'setting'> & Config['connections'][string];

/** Every configured server: the one of `mongodbUrl` first, then those of `connections` in their order there. */
function configured({ mongodbUrl, connections }: Pick<Config, 'mongodbUrl' | 'connections'>): Named[] {
  const single: Named[] =
    mongodbUrl === undefined
      ? []
      : [
          {
            name: 'mongodb',
            url: mongodbUrl,
            setting: `the setting mongodbUrl (${environmentName('mongodbUrl')})`,
            readOnly: false,
          },
        ];
  const named = Object.entries(connections).map(([name, connection]) => ({
    ...connection,
    name,
    setting: `connections.${name} in the settings`,
  }));
  return [...single, ...named];
}

export interface OpenConnections extends Connections {
  /** Those of the connections, in their order, for health. */
  readonly servers: readonly ServerStatus[];
  /** From the next call on, the connection strings of these settings; the names of the connections stay. */
  reconnect(changed: Pick<Config, 'mongodbUrl' | 'connections'>): Promise<void>;
  close(): Promise<void>;
}

/** What connections share with other nodes. */
interface Shared {
  /** Where descriptions of servers' collections are remembered. Those of the embedded store are always of this moment. */
  readonly cache?: Cache;
  /** How long they are used where no change is known, ms. */
  readonly descriptionsForMs?: number;
  /** Told of every change in a collection of a server that this process makes, or is told of by the server. */
  readonly tell?: (change: Change) => void;
}

/** A day: what changes a collection and is known makes them worthless at once. */
const usualDescriptionsForMs = 24 * 3_600_000;

/** The connection as each caller sees it whom roles narrow. */
function guarded(connection: Connection, rulesOf: RulesOf): Connection {
  const { name, store: whole, descriptions } = connection;
  const store = guardedStore(whole, name, rulesOf);
  return { ...connection, store, descriptions: guardedDescriptions(descriptions, store, name, rulesOf) };
}

/**
 * The embedded store and every configured server, the default first. Nothing is connected yet: a server is connected at
 * the first call that uses it.
 */
export function openConnections(
  config: Config,
  embedded: DocumentStore,
  connect: ConnectDocumentServer,
  log: Logger,
  { cache, descriptionsForMs = usualDescriptionsForMs, tell }: Shared = {},
): OpenConnections {
  const closing: (() => Promise<void>)[] = [];
  const reconnecting = new Map<string, (url: string) => Promise<void>>();
  const statuses = new Map<string, ServerStatus>();
  const isStoreThere = isOnMongodb(storesOf(config));
  const servers = configured(config).map((server): Connection => {
    const { name, setting, readOnly, readPreference, timeoutMs, maxPoolSize } = server;
    const url = reveal(server.url);
    const whole = connect({
      name,
      setting,
      url,
      readOnly,
      timeoutMs: timeoutMs ?? config.mongodbTimeoutMs,
      ...(readPreference !== undefined && { readPreference }),
      ...(maxPoolSize !== undefined && { maxPoolSize }),
      ...(log.isLevelEnabled('trace') && {
        // Never the command itself: it contains the request's data.
        observe: (command: string, database: string) =>
          log.trace({ connection: name, command, database }, 'command sent'),
      }),
    });
    const identified = { identity: serverIdentity(url) };
    const store = tellingChanges(
      // On every connection: two may lead to the same server, by names that do not show it.
      isStoreThere ? withoutDatabase(whole, config.storeDatabase, 'storeDatabase') : whole,
      async (change, call) => {
        const { identity } = identified;
        await cache?.invalidate(tagsOfChange(identity, change, change.dropped), call);
        tell?.({
          type: 'collection.changed',
          subject: [name, change.database, change.collection].map(encodeURIComponent).join('/'),
          data: { connection: name, server: identity, ...change },
        });
      },
    );
    closing.push(() => store.close());
    reconnecting.set(name, async (next) => {
      // In this order: what is remembered of the new user is never what the old one has seen.
      await store.reconnect(next);
      identified.identity = serverIdentity(next);
    });
    const database = server.database ?? databaseIn(url);
    statuses.set(name, {
      name: `connection ${name}`,
      where: database === undefined ? 'MongoDB server' : `MongoDB server, database "${database}"`,
      of: `connection "${name}" (${setting})`,
      ping: (call) => store.ping(call),
    });
    return {
      name,
      kind: 'mongodb',
      store,
      server: identified,
      descriptions:
        cache && descriptionsForMs > 0
          ? rememberedDescriptions(store, { cache, server: identified, ttlMs: descriptionsForMs })
          : currentDescriptions(store),
      ...(database !== undefined && { database }),
      ...(readOnly && { writeAccess: (call) => whole.writeAccess(call) }),
    };
  });
  const embeddedConnection: Connection = {
    name: 'embedded',
    kind: 'embedded',
    store: embedded,
    descriptions: currentDescriptions(embedded),
    database: 'main',
  };
  const wanted = config.defaultConnection ?? servers[0]?.name ?? embeddedConnection.name;
  const rulesOf: RulesOf = (caller, operation) => grantsOf(config, caller).data(operation);
  const all = [...servers, embeddedConnection].map((connection) => guarded(connection, rulesOf));
  const first = all.find(({ name }) => name === wanted) ?? all[0];
  const ordered = first === undefined ? all : [first, ...all.filter((connection) => connection !== first)];
  return {
    ...createConnections(ordered),
    servers: ordered.flatMap(({ name }) => statuses.get(name) ?? []),
    async reconnect(changed) {
      for (const { name, url } of configured(changed)) await reconnecting.get(name)?.(reveal(url));
    },
    async close() {
      await Promise.all(closing.map((close) => close()));
    },
  };
}
