import { existsSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { badInput, HydrogenError } from '../../../errors.ts';
import type { Namespace } from '../document-store.ts';
import { readMetadata } from './dump-metadata.ts';
import { formatOf } from './formats.ts';

/** A file to import, and where it goes. */
export interface PlannedFile {
  readonly file: string;
  readonly namespace: Namespace;
  /** The `.metadata.json` of a dump, with the collection's indexes. */
  readonly metadata?: string;
}

export interface ImportPlan {
  readonly files: readonly PlannedFile[];
  /** What is left out, and why. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

export interface Destination {
  /** Named by the caller; else a dump's own, else `fallback`. */
  readonly database?: string | undefined;
  readonly fallback?: string | undefined;
  readonly collection?: string | undefined;
}

/** MongoDB's own: users, roles, settings of a cluster. */
const ownDatabases: readonly string[] = ['admin', 'config', 'local'];
const metadataEnding = /\.metadata\.json(\.gz)?$/i;
const besidesDump = /^(oplog\.bson|prelude\.json)(\.gz)?$/i;

const isDump = (name: string): boolean => formatOf(name).format === '.bson';

function metadataOf(file: string): string | undefined {
  const base = join(dirname(file), formatOf(file).name);
  return [`${base}.metadata.json`, `${base}.metadata.json.gz`].find((name) => existsSync(name));
}

/** mongodump escapes what a file's name cannot hold. */
function unescaped(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function databaseOf({ database, fallback }: Destination, dump?: string): string {
  const chosen = database ?? dump ?? fallback;
  if (chosen !== undefined) return chosen;
  throw badInput('Name the database: this connection has no default (--database NAME).');
}

async function planFile(
  file: string,
  database: string,
  collection?: string,
): Promise<PlannedFile | { readonly reason: string }> {
  const { name, format } = formatOf(file);
  if (format !== '.bson') return { file, namespace: { database, collection: collection ?? name } };
  const metadata = metadataOf(file);
  const found = metadata === undefined ? undefined : await readMetadata(metadata);
  const own = collection ?? found?.collection ?? unescaped(name);
  if (collection === undefined && own.startsWith('system.')) return { reason: "one of MongoDB's own" };
  if (found?.type === 'timeseries') return { reason: 'a time series: dump it as JSON with mongoexport' };
  return { file, namespace: { database, collection: own }, ...(metadata !== undefined && { metadata }) };
}

async function planFolder(folder: string, to: Destination): Promise<ImportPlan> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'));
  const files: PlannedFile[] = [];
  const skipped: { path: string; reason: string }[] = [];
  const dump = names.some(({ name }) => isDump(name) && !besidesDump.test(name));
  for (const name of names.map((entry) => entry.name).sort()) {
    const path = join(folder, name);
    if (besidesDump.test(name)) continue;
    if (metadataEnding.test(name)) {
      const bson = path.replace(metadataEnding, '.bson');
      if (existsSync(bson) || existsSync(`${bson}.gz`)) continue;
      const { type } = await readMetadata(path);
      skipped.push({
        path,
        reason: type === 'view' ? 'a view holds no documents' : 'its .bson is not there',
      });
      continue;
    }
    if (formatOf(name).format === undefined) {
      skipped.push({ path, reason: 'its ending is not that of a format that can be imported' });
      continue;
    }
    const database = databaseOf(to, dump ? basename(await realpath(folder)) : undefined);
    const planned = await planFile(path, database);
    if ('file' in planned) files.push(planned);
    else skipped.push({ path, reason: planned.reason });
  }
  return { files, skipped };
}

/** The folders of a dump of several databases: each has dumped collections in it. */
async function dumpedDatabases(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const dumps = await Promise.all(
    folders.map(async (name) => (await readdir(join(folder, name)).catch(() => [])).some(isDump)),
  );
  return folders.filter((_, i) => dumps[i]).sort();
}

async function planDump(folder: string, databases: readonly string[], to: Destination): Promise<ImportPlan> {
  const own = databases.filter((name) => ownDatabases.includes(name));
  const wanted = databases.filter((name) => !ownDatabases.includes(name));
  if (to.database !== undefined && wanted.length > 1) {
    throw badInput(`The dump holds ${wanted.length} databases: import one of its folders into --database.`);
  }
  const plans = await Promise.all(wanted.map((name) => planFolder(join(folder, name), to)));
  return {
    files: plans.flatMap(({ files }) => files),
    skipped: [
      ...own.map((name) => ({ path: join(folder, name), reason: "one of MongoDB's own databases" })),
      ...plans.flatMap(({ skipped }) => skipped),
    ],
  };
}

/** @throws HydrogenError `bad_input` where two files would become one collection. */
function checkApart(files: readonly PlannedFile[]): void {
  const seen = new Map<string, string>();
  for (const { file, namespace } of files) {
    const name = `${namespace.database}.${namespace.collection}`;
    const other = seen.get(name);
    if (other !== undefined) {
      throw badInput(
        `"${basename(other)}" and "${basename(file)}" would both become the collection "${namespace.collection}": import them one by one.`,
      );
    }
    seen.set(name, file);
  }
}

/**
 * What to import where. A file becomes the collection that was named, or one named like it. A folder gives
 * a collection a file; with `.bson` files in it, it is the dump of one database, named like it, and with
 * such folders in it, a dump of several.
 * @throws HydrogenError `not_found`, `bad_input`
 */
export async function planImport(path: string, to: Destination): Promise<ImportPlan> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new HydrogenError('not_found', `"${path}" is not a file or folder that can be read.`);
  if (!found.isDirectory()) {
    const planned = await planFile(path, databaseOf(to), to.collection);
    if ('file' in planned) return { files: [planned], skipped: [] };
    throw badInput(`"${path}" is not imported: it is ${planned.reason}.`);
  }
  if (to.collection !== undefined) {
    throw badInput('A folder names its collections by its files: give the folder alone.');
  }
  const databases = await dumpedDatabases(path);
  const plan = databases.length > 0 ? await planDump(path, databases, to) : await planFolder(path, to);
  if (plan.files.length === 0) throw badInput(`"${path}" holds no file that can be imported.`);
  checkApart(plan.files);
  return plan;
}
