import type { Config, SettingName } from '../config.ts';
import { reveal } from '../observability/secret.ts';
import { databaseIn } from './connections.ts';
import type { Problems } from './problems.ts';

/** Which store serves what. */
export interface ChosenStores {
  readonly catalog: 'embedded' | 'mongodb';
  readonly index: 'embedded' | 'qdrant';
  readonly journal: 'embedded' | 'mongodb';
  readonly cache: 'memory' | 'redis';
  readonly events: 'memory' | 'nats';
}

/** As the settings say, or else by the servers that they name. */
export function storesOf(config: Config): ChosenStores {
  const { catalogStore, indexStore, journalStore, cacheStore, eventsStore } = config;
  return {
    catalog: catalogStore,
    index: indexStore ?? (config.qdrantUrl === undefined ? 'embedded' : 'qdrant'),
    journal: journalStore,
    cache: cacheStore ?? (config.redisUrl === undefined ? 'memory' : 'redis'),
    events: eventsStore ?? (config.natsUrl === undefined ? 'memory' : 'nats'),
  };
}

/** Whether a database on the server of `mongodbUrl` holds what this server keeps. */
export const isOnMongodb = ({ catalog, journal }: ChosenStores): boolean =>
  catalog === 'mongodb' || journal === 'mongodb';

/** Adds what cannot work: a store whose server is not named, and a catalog that others share without its passages. */
export function checkStores(config: Config, problems: Problems): void {
  const stores = storesOf(config);
  const needed: readonly (readonly [SettingName, SettingName, boolean])[] = [
    ['catalogStore', 'mongodbUrl', stores.catalog === 'mongodb'],
    ['indexStore', 'qdrantUrl', stores.index === 'qdrant'],
    ['journalStore', 'mongodbUrl', stores.journal === 'mongodb'],
    ['cacheStore', 'redisUrl', stores.cache === 'redis'],
    ['eventsStore', 'natsUrl', stores.events === 'nats'],
  ];
  for (const [store, url, isNeeded] of needed) {
    if (!isNeeded || config[url] !== undefined) continue;
    problems.add(
      `Setting "${store}" is "${config[store]}", but no setting says where that server is: set ${url}.`,
    );
  }
  if (isOnMongodb(stores) && config.mongodbUrl !== undefined) {
    const connections = { mongodb: { url: config.mongodbUrl, database: undefined }, ...config.connections };
    for (const [name, { url, database = databaseIn(reveal(url)) }] of Object.entries(connections)) {
      if (database !== config.storeDatabase) continue;
      problems.add(
        `The database "${database}" of connection "${name}" is also where this server keeps its own data: set storeDatabase to the name of another one.`,
      );
    }
  }
  if (stores.catalog === 'mongodb' && stores.index === 'embedded') {
    problems.add(
      'Setting "catalogStore" is "mongodb", which other nodes share, but passages in an embedded index are found by this node alone: set qdrantUrl, or catalogStore to "embedded".',
    );
  }
}
