import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { settings } from '../config.ts';
import { withoutCredentials } from '../observability/redact.ts';
import { below } from './path-text.ts';
import { type FileId, isSame, readSmallFile } from './safe-open.ts';

/** What belongs to the server itself: never read as a document, imported or overwritten. */
export interface OwnPaths {
  readonly dataDirectory: string;
  /** Settings and secrets; not all of them need exist. */
  readonly files: readonly string[];
}

/** A snapshot of the server's own files, recognised by whatever path they are reached. */
export interface OwnFiles {
  /** Real paths of the data directory and the files. */
  readonly paths: readonly string[];
  /** @param path real */
  isFile(path: string, identity: FileId): boolean;
  isDataDirectory(folder: FileId): boolean;
  /** Whether a real path is one of these files, or in the data directory. */
  holds(path: string): Promise<boolean>;
}

/** A path and the identity of what is there, if anything. */
interface Located {
  /** Real, as far as it exists. */
  readonly path: string;
  readonly identity?: FileId;
}

export const ownData = 'left out: a Hydrogen server keeps its data there';
export const ownFile = 'left out: it holds settings or secrets of a Hydrogen server';

export async function identityOf(path: string): Promise<FileId | undefined> {
  return stat(path, { bigint: true }).catch(() => undefined);
}

/** The real path; if nothing is there yet, the real path of the folder plus the name. */
async function located(path: string): Promise<Located> {
  const identity = await identityOf(path);
  const real = await realpath(path).catch(async () => {
    const parent = await realpath(dirname(path)).catch(() => dirname(path));
    return join(parent, basename(path));
  });
  return { path: real, ...(identity && { identity }) };
}

/** Identities of the files in the data directory, to recognise them under other names (hard links, mounts). */
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

const keyOf = ({ dev, ino }: FileId): string => `${dev}:${ino}`;

/** A path and the folders above it, from the bottom up. */
export function* upwards(path: string): Generator<string> {
  for (let at = path; ; at = dirname(at)) {
    yield at;
    if (dirname(at) === at) return;
  }
}

/** Identifies the server's own files as they are now: keys and settings files are replaced when they change. */
export async function locateOwnFiles({ dataDirectory, files }: OwnPaths): Promise<OwnFiles> {
  const directory = await located(dataDirectory);
  const others = await Promise.all(files.map(located));
  const inside = await contents(directory.path);
  const identities = new Set([...inside, ...others.flatMap(({ identity }) => identity ?? [])].map(keyOf));
  const paths = new Set([...files, ...others.map(({ path }) => path)]);

  const isPath = (path: string): boolean => paths.has(path) || below(directory.path, path) !== undefined;
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

/** Names are compared by their letters only: `mongodb_url` means the setting, too. */
const lettersOf = (name: string): string => name.replace(/[^a-z]/gi, '').toLowerCase();
const shapes = Object.entries(settings.shape);
const settingNames: ReadonlySet<string> = new Set(['schema', ...shapes.map(([name]) => lettersOf(name))]);
const secretNames: ReadonlySet<string> = new Set(
  shapes.filter(([, schema]) => schema.meta()?.['secret'] === true).map(([name]) => lettersOf(name)),
);

/** Whether a member of a settings file is a secret, or contains a password. */
function isSecret(name: string, value: unknown): boolean {
  const letters = lettersOf(name);
  if (secretNames.has(letters)) return typeof value === 'string';
  const text = JSON.stringify(value);
  const couldBe = settingNames.has(letters) || /\bmongodb(\+srv)?:\/\//i.test(text);
  return couldBe && withoutCredentials(text) !== text;
}

/** Up to one unknown name in four, such as a comment or another version's setting, still makes a settings file. */
function areSettings(values: object): boolean {
  const given = Object.entries(values);
  const known = given.filter(([name]) => settingNames.has(lettersOf(name))).length;
  return (
    (known > 0 && given.length <= known + known / 3) || given.some(([name, value]) => isSecret(name, value))
  );
}

/**
 * Whether a file holds settings, such as another server's: it has the usual name, and contains either a secret or
 * hardly anything but settings. A document of that name that shares a setting name or two does not count.
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

/** Whether a folder is a server's data directory, judging by its file names. */
export function looksLikeDataDirectory(names: readonly string[]): boolean {
  return names.includes('hydrogen.sqlite') && names.includes('keys.json');
}
