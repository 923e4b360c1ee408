import { stat, statfs } from 'node:fs/promises';
import { readManifest, storeIn } from './backup/manifest.ts';
import type { Call } from './call.ts';
import { dataDirectoryOf } from './config/data-directory.ts';
import { isOnMongodb, storesOf } from './config/stores.ts';
import type { Config } from './config.ts';
import { HydrogenError } from './errors.ts';
import { openMongodb, qdrantSettings } from './open-stores.ts';
import { formatVersion } from './stores/embedded/format.ts';
import { formatOf } from './stores/embedded/format-of.ts';
import { lazyQdrantIndex } from './stores/qdrant/lazy.ts';

/** What a start of this program would find, and do. */
export interface UpgradePart {
  readonly name: 'store' | 'backup' | 'mongodb' | 'qdrant';
  /** `refused`: it would not start; `unknown`: it could not be found out. */
  readonly state: 'current' | 'changes' | 'refused' | 'unknown';
  readonly detail: string;
  /** What to do first. */
  readonly action?: string;
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1_000_000).toLocaleString('en')} MB`;

async function store(dataDirectory: string): Promise<UpgradePart> {
  const name = 'store';
  const file = storeIn(dataDirectory);
  const format = await formatOf(file);
  if (format === undefined || format === 0) {
    const detail = `there is no store in ${dataDirectory}: a start makes one, of format ${formatVersion}`;
    return { name, state: 'current', detail };
  }
  const has = `the store in ${dataDirectory} has format ${format}`;
  if (format === formatVersion) return { name, state: 'current', detail: `${has}, that of this program` };
  if (format > formatVersion) {
    return {
      name,
      state: 'refused',
      detail: `${has}; this program knows formats up to ${formatVersion}`,
      action: 'Use the version that wrote it, or a newer one; or restore a backup from before the upgrade.',
    };
  }
  const { size } = await stat(file);
  const { bavail, bsize } = await statfs(dataDirectory);
  const free = bavail * bsize;
  const detail = `${has}: a start brings it to ${formatVersion}, in one transaction, after which earlier versions refuse it. It has ${megabytes(size)}, and about as much has to be free: ${megabytes(free)} is`;
  const advice =
    'Make a backup first (`hydrogen backup FOLDER`, with the version in use), and stop all servers.';
  return {
    ...{ name, state: 'changes', detail },
    action: free > size ? advice : `${advice} Free some space on the disk.`,
  };
}

async function backup(folder: string): Promise<UpgradePart> {
  const { format, madeAt, program } = await readManifest(folder);
  const detail = `${folder} has the store as it was at ${madeAt}, made by version ${program}, format ${format}`;
  const state = format > formatVersion ? 'refused' : 'current';
  return { name: 'backup', state, detail };
}

async function asked(
  name: UpgradePart['name'],
  where: string,
  work: () => Promise<unknown>,
): Promise<UpgradePart> {
  try {
    await work();
    return { name, state: 'current', detail: where };
  } catch (error) {
    if (!(error instanceof HydrogenError)) throw error;
    const state = error.code === 'conflict' ? 'refused' : 'unknown';
    return { name, state, detail: error.message };
  }
}

/**
 * What a start of this program would do to what is stored. Nothing is changed by looking.
 * @param backupFolder what `hydrogen backup` made, if that is to be looked at, too
 */
export async function checkUpgrade(
  config: Config,
  backupFolder: string | undefined,
  call: Call,
): Promise<UpgradePart[]> {
  const stores = storesOf(config);
  const parts = [await store(dataDirectoryOf(config))];
  if (backupFolder !== undefined) parts.push(await backup(backupFolder));
  const mongodb = isOnMongodb(stores) ? openMongodb(config) : undefined;
  if (mongodb) {
    const where = `database "${config.storeDatabase}" of mongodbUrl: documents there are not rewritten; a start makes indexes that are missing`;
    const ping = (): Promise<number> => mongodb.status('').ping(call);
    parts.push(await asked('mongodb', where, ping).finally(() => mongodb.close()));
  }
  if (stores.index === 'qdrant') {
    const index = lazyQdrantIndex(qdrantSettings(config));
    const where = `collection "${config.qdrantCollection}" of qdrantUrl: it has the format of this program, or is not there yet`;
    parts.push(await asked('qdrant', where, () => index.stats(call)));
  }
  return parts;
}
