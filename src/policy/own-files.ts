import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { settings } from '../config.ts';
import { withoutCredentials } from '../observability/redact.ts';
import { type FileId, isSame, readSmallFile } from './safe-open.ts';

/** What belongs to this server itself: it is neither read as a document, nor imported, nor written over. */
export interface OwnPaths {
  readonly dataDirectory: string;
  /** Settings and secrets; not all of them need be there. */
  readonly files: readonly string[];
}

/** What is own by the time it was looked at, recognised under whatever name it is reached. */
export interface OwnFiles {
  /** Real paths of the data directory and the files. */
  readonly paths: readonly string[];
  /** @param path real */
  isFile(path: string, identity: FileId): boolean;
  isDataDirectory(folder: FileId): boolean;
  /** Whether what lies at a real path is own, or lies in the data directory. */
  holds(path: string): Promise<boolean>;
}

/** A path and what lies there, if anything does. */
interface Located {
  /** Real, as far as there is something. */
  readonly path: string;
  readonly identity?: FileId;
}

export const ownData = 'left out: a Hydrogen server keeps its data there';
export const ownFile = 'left out: it holds settings or secrets of a Hydrogen server';

export async function identityOf(path: string): Promise<FileId | undefined> {
  return stat(path, { bigint: true }).catch(() => undefined);
}

/** The real path; of what is not there yet, that of its folder with the name. */
async function located(path: string): Promise<Located> {
  const identity = await identityOf(path);
  const real = await realpath(path).catch(async () => {
    const parent = await realpath(dirname(path)).catch(() => dirname(path));
    return join(parent, basename(path));
  });
  return { path: real, ...(identity && { identity }) };
}

/** Files of the data directory, by which other names of them (hard links, mounts) are recognised. */
async function contents(directory: string): Promise<FileId[]> {
  const folders = [directory, join(directory, 'exports')];
  const paths = await Promise.all(
    folders.map(async (folder) => (await readdir(folder).catch(() => [])).map((name) => join(folder, name))),
  );
  const found = await Promise.all(
    paths.flat().map((path) => lstat(path, { bigint: true }).catch(() => undefined)),
  );
  return found.filter((one) => one?.isFile()).filter((one) => one !== undefined);
}

/** Whether a path is a folder, or below it. */
export function isBelow(folder: string, path: string): boolean {
  const relativePath = relative(folder, path);
  return (
    relativePath === '' ||
    (relativePath !== '..' && !relativePath.startsWith(`..${sep}`) && join(folder, relativePath) === path)
  );
}

const keyOf = ({ dev, ino }: FileId): string => `${dev}:${ino}`;

/** The folders above a path and itself, from the nearest up. */
export function* upwards(path: string): Generator<string> {
  for (let at = path; ; at = dirname(at)) {
    yield at;
    if (dirname(at) === at) return;
  }
}

/** Looks at what is own now: keys and settings are replaced when they change. */
export async function locateOwnFiles({ dataDirectory, files }: OwnPaths): Promise<OwnFiles> {
  const directory = await located(dataDirectory);
  const others = await Promise.all(files.map(located));
  const inside = await contents(directory.path);
  const identities = new Set([...inside, ...others.flatMap(({ identity }) => identity ?? [])].map(keyOf));
  const paths = new Set([...files, ...others.map(({ path }) => path)]);

  const isPath = (path: string): boolean => paths.has(path) || isBelow(directory.path, path);
  const isFile = (path: string, identity: FileId): boolean => isPath(path) || identities.has(keyOf(identity));
  const isDataDirectory = (folder: FileId): boolean =>
    directory.identity !== undefined && isSame(folder, directory.identity);
  return {
    paths: [directory.path, ...paths],
    isFile,
    isDataDirectory,
    async holds(path) {
      if (isPath(path)) return true;
      for (const at of upwards(path)) {
        const identity = await identityOf(at);
        if (identity && (isDataDirectory(identity) || (at === path && isFile(path, identity)))) return true;
      }
      return false;
    },
  };
}

/** Settings are small. */
const maxSettingsBytes = 1_000_000;

/** Names are compared by their letters: whoever writes `mongodb_url` means the setting. */
const lettersOf = (name: string): string => name.replace(/[^a-z]/gi, '').toLowerCase();
const shapes = Object.entries(settings.shape);
const settingNames: ReadonlySet<string> = new Set(['schema', ...shapes.map(([name]) => lettersOf(name))]);
const secretNames: ReadonlySet<string> = new Set(
  shapes.filter(([, schema]) => schema.meta()?.['secret'] === true).map(([name]) => lettersOf(name)),
);

/** Whether a member of a file of that name is a secret of a server, or has a password in it. */
function isSecret(name: string, value: unknown): boolean {
  const letters = lettersOf(name);
  if (secretNames.has(letters)) return typeof value === 'string';
  const text = JSON.stringify(value);
  const couldBe = settingNames.has(letters) || /\bmongodb(\+srv)?:\/\//i.test(text);
  return couldBe && withoutCredentials(text) !== text;
}

/** One wrong name in four, such as a comment or a setting of another version, makes no document of settings. */
function areSettings(values: object): boolean {
  const given = Object.entries(values);
  const known = given.filter(([name]) => settingNames.has(lettersOf(name))).length;
  return (
    (known > 0 && given.length <= known + known / 3) || given.some(([name, value]) => isSecret(name, value))
  );
}

/**
 * Whether a file is one of settings, such as another server's: it has their name, and either a secret of a server in it
 * or hardly anything but names of settings. A document of that name which shares a name or two is none.
 * @param path real
 */
export async function isSettingsFile(path: string): Promise<boolean> {
  if (basename(path).toLowerCase() !== 'hydrogen.json') return false;
  try {
    const values: unknown = JSON.parse((await readSmallFile(path, maxSettingsBytes)).replace(/^\uFEFF/, ''));
    return typeof values === 'object' && values !== null && !Array.isArray(values) && areSettings(values);
  } catch {
    return false;
  }
}

/** Whether a folder is the data directory of a server, by the names of what is in it. */
export function looksLikeDataDirectory(names: readonly string[]): boolean {
  return names.includes('hydrogen.sqlite') && names.includes('keys.json');
}
