import { type Dirent, existsSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { badInput, HydrogenError } from '../../../errors.ts';
import { otherKind } from '../../../file-errors.ts';
import { isSettingsFile, locateOwnFiles, type OwnFiles, type OwnPaths } from '../../../policy/own-files.ts';
import { openFolder } from '../../../policy/safe-open.ts';
import type { Namespace } from '../document-store.ts';
import { readMetadata } from './dump-metadata.ts';
import { formatOf } from './endings.ts';
import { notFile, unreadable } from './unreadable.ts';

/** A file to import, and where it goes. */
export interface PlannedFile {
  /** Its path as the caller gave it. */
  readonly file: string;
  /** The real path, which is opened. */
  readonly path: string;
  readonly namespace: Namespace;
  /** The real path of the dump's `.metadata.json`, with the collection's indexes. */
  readonly metadata?: string;
}

/** A file that is not meant to be imported, and why. */
export interface SkippedPath {
  readonly path: string;
  readonly reason: string;
}

/** A file that cannot be imported, and why. */
export interface FailedPath {
  readonly path: string;
  readonly reason: string;
}

export interface ImportPlan {
  readonly files: readonly PlannedFile[];
  readonly skipped: readonly SkippedPath[];
  readonly failed: readonly FailedPath[];
}

export interface Destination {
  /** Named by the caller; otherwise the dump's own, otherwise `fallback`. */
  readonly database?: string | undefined;
  readonly fallback?: string | undefined;
  readonly collection?: string | undefined;
}

/** MongoDB's system databases: users, roles, cluster settings. */
const ownDatabases: readonly string[] = ['admin', 'config', 'local'];
const metadataEnding = /\.metadata\.json(\.gz)?$/i;
const besidesDump = /^(oplog\.bson|prelude\.json)(\.gz)?$/i;

const ownReason = "a Hydrogen server's own: its data, settings or secrets";

const isDump = (name: string): boolean => formatOf(name).format === '.bson';

function metadataOf(file: string): string | undefined {
  const base = join(dirname(file), formatOf(file).name);
  return [`${base}.metadata.json`, `${base}.metadata.json.gz`].find((name) => existsSync(name));
}

/** mongodump escapes characters that a file name cannot contain. */
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
  { file, path }: Pick<PlannedFile, 'file' | 'path'>,
  database: string,
  own: OwnFiles,
  collection?: string,
): Promise<PlannedFile | { readonly reason: string }> {
  if ((await own.holds(path)) || (await isSettingsFile(path))) return { reason: ownReason };
  const { name, format } = formatOf(file);
  if (format !== '.bson') return { file, path, namespace: { database, collection: collection ?? name } };
  const metadata = metadataOf(path);
  const found = metadata === undefined ? undefined : await readMetadata(metadata);
  const target = collection ?? found?.collection ?? unescaped(name);
  if (collection === undefined && target.startsWith('system.')) return { reason: "one of MongoDB's own" };
  if (found?.type === 'timeseries') return { reason: 'a time series: dump it as JSON with mongoexport' };
  return {
    file,
    path,
    namespace: { database, collection: target },
    ...(metadata !== undefined && { metadata }),
  };
}

/** A folder's path as the caller gave it, and its real path. */
interface Folder {
  readonly requested: string;
  readonly path: string;
}

const inside = ({ requested, path }: Folder, name: string): Folder => ({
  requested: join(requested, name),
  path: join(path, name),
});

async function entriesOf({ requested, path }: Folder): Promise<Dirent[]> {
  const opened = await openFolder(path).catch(async (error: unknown) => {
    throw await unreadable(requested, path, error);
  });
  try {
    const entries = await opened.entries();
    await opened.confirm();
    return entries;
  } finally {
    await opened.close();
  }
}

/** Whether a file holds the metadata of a dumped collection beside it. */
function isMetadataOf(path: string): boolean {
  if (!metadataEnding.test(path)) return false;
  const bson = path.replace(metadataEnding, '.bson');
  return existsSync(bson) || existsSync(`${bson}.gz`);
}

/** Why a file in a folder is not imported. */
async function unfit(entry: Dirent, path: string): Promise<string | undefined> {
  if (entry.isSymbolicLink()) return 'a link: its target is only imported where it is';
  if (entry.isDirectory()) return 'a folder: import it by itself';
  if (metadataEnding.test(entry.name)) {
    const { type } = await readMetadata(path);
    return type === 'view' ? 'a view holds no documents' : 'its .bson is missing';
  }
  return formatOf(entry.name).format === undefined
    ? 'its ending is not that of a supported format'
    : undefined;
}

/** @returns nothing for what belongs to another file */
async function planEntry(
  entry: Dirent,
  { requested: file, path }: Folder,
  database: string,
  own: OwnFiles,
): Promise<PlannedFile | { readonly reason: string } | undefined> {
  if (besidesDump.test(entry.name) || (!entry.isSymbolicLink() && isMetadataOf(path))) return undefined;
  const reason = await unfit(entry, path);
  return reason === undefined ? planFile({ file, path }, database, own) : { reason };
}

async function planFolder(folder: Folder, to: Destination, own: OwnFiles): Promise<ImportPlan> {
  const entries = (await entriesOf(folder)).sort((a, b) => (a.name < b.name ? -1 : 1));
  const found = entries.filter((entry) => !entry.name.startsWith('.'));
  const files: PlannedFile[] = [];
  const skipped: SkippedPath[] = [];
  const failed: FailedPath[] = [];
  const dump = found.some(({ name }) => isDump(name) && !besidesDump.test(name));
  const database = databaseOf(to, dump ? basename(folder.path) : undefined);
  for (const entry of found) {
    const place = inside(folder, entry.name);
    try {
      const planned = await planEntry(entry, place, database, own);
      if (planned === undefined) continue;
      if ('file' in planned) files.push(planned);
      else skipped.push({ path: place.requested, reason: planned.reason });
    } catch (error) {
      if (!(error instanceof HydrogenError)) throw error;
      failed.push({ path: place.requested, reason: error.message });
    }
  }
  return { files, skipped, failed };
}

/** The folders of a dump of several databases: each contains dumped collections. */
async function dumpedDatabases(folder: Folder): Promise<string[]> {
  const folders = (await entriesOf(folder)).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const dumps = await Promise.all(
    folders.map(async (name) =>
      (await entriesOf(inside(folder, name)).catch(() => [])).some((entry) => isDump(entry.name)),
    ),
  );
  return folders.filter((_, i) => dumps[i]).sort();
}

async function planDump(
  folder: Folder,
  databases: readonly string[],
  to: Destination,
  own: OwnFiles,
): Promise<ImportPlan> {
  const skippedDatabases = databases.filter((name) => ownDatabases.includes(name));
  const wanted = databases.filter((name) => !ownDatabases.includes(name));
  if (to.database !== undefined && wanted.length > 1) {
    throw badInput(`The dump holds ${wanted.length} databases: import one of its folders into --database.`);
  }
  const plans = await Promise.all(wanted.map((name) => planFolder(inside(folder, name), to, own)));
  return {
    files: plans.flatMap(({ files }) => files),
    skipped: [
      ...skippedDatabases.map((name) => ({
        path: join(folder.requested, name),
        reason: "one of MongoDB's own databases",
      })),
      ...plans.flatMap(({ skipped }) => skipped),
    ],
    failed: plans.flatMap(({ failed }) => failed),
  };
}

async function locate(requested: string): Promise<{ readonly path: string; readonly isFolder: boolean }> {
  try {
    // Before resolving the real path: a shell's `<(…)` has none.
    const found = await stat(requested);
    const kind = otherKind(found);
    if (kind !== undefined && !found.isDirectory()) throw notFile(requested, kind);
    return { path: await realpath(requested), isFolder: found.isDirectory() };
  } catch (error) {
    throw await unreadable(requested, requested, error);
  }
}

/**
 * What to import where. A file becomes the collection that was named, or one named after it. A folder becomes a
 * collection per file; with `.bson` files in it, it is the dump of one database, named after it, and with folders of
 * such files, a dump of several.
 * @throws HydrogenError `not_found`, `bad_input`, or as `unreadable` describes
 */
export async function planImport(
  requested: string,
  to: Destination,
  ownPaths: OwnPaths,
): Promise<ImportPlan> {
  const { path, isFolder } = await locate(requested);
  const own = await locateOwnFiles(ownPaths);
  if (!isFolder) {
    const planned = await planFile({ file: requested, path }, databaseOf(to), own, to.collection);
    if ('file' in planned) return { files: [planned], skipped: [], failed: [] };
    throw badInput(`"${requested}" is not imported: it is ${planned.reason}.`);
  }
  if (to.collection !== undefined) {
    throw badInput('A folder names its collections by its files: give only the folder.');
  }
  const folder: Folder = { requested, path };
  const databases = await dumpedDatabases(folder);
  const plan =
    databases.length > 0 ? await planDump(folder, databases, to, own) : await planFolder(folder, to, own);
  if (plan.files.length + plan.failed.length === 0) {
    throw badInput(`"${requested}" holds no file that can be imported.`);
  }
  return plan;
}
