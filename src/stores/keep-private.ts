import { randomBytes } from 'node:crypto';
import { chmod, lstat, open, readdir, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { HydrogenError } from '../errors.ts';
import type { Logger } from '../observability/log.ts';

/** Any permission of the group or of others. */
const foreign = 0o077;
/** What this program puts in its directory, what file systems and file managers add, and copies of these. */
const ours = /^(hydrogen\.|keys\.|exports$|models$|lost\+found$|\.(DS_Store|gitignore|gitkeep|nfs.*)$)/;
/** Secret files directly in the directory. */
const secret = /^(hydrogen\.sqlite.*|keys\..*)$/;

const advice = 'Set another with HYDROGEN_DATA_DIR: a folder that does not exist yet is made for you alone.';

/** Windows has no modes: permissions come from the parent folder, and for a user's folder they are that user's. */
const hasModes = process.getuid !== undefined;

function refused(why: string): HydrogenError {
  return new HydrogenError(
    'unavailable',
    `The data directory cannot be used: other users of this computer may read or change it, and ${why}. ${advice}`,
  );
}

/** Whether a file created as private stays private: FAT and many network folders have no modes. */
async function keepsModes(directory: string): Promise<boolean> {
  const path = join(directory, `keys.${process.pid}.${randomBytes(4).toString('hex')}.tmp`);
  const file = await open(path, 'wx', 0o600);
  try {
    const { mode, uid } = await file.stat();
    return (mode & foreign) === 0 && uid === process.geteuid?.();
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}

/** Removes others' permissions from a file or folder. A link is left alone. @returns whether they had any */
async function close(path: string, mode: number): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (!found || found.isSymbolicLink() || (found.mode & foreign) === 0) return false;
  await chmod(path, mode);
  return true;
}

/** Earlier versions made their files readable by everyone. */
async function closeFiles(directory: string, names: readonly string[]): Promise<boolean> {
  let changed = false;
  for (const name of names) {
    if (!secret.test(name) && name !== 'exports') continue;
    const path = join(directory, name);
    changed = (await close(path, name === 'exports' ? 0o700 : 0o600)) || changed;
    if (name !== 'exports') continue;
    for (const one of await readdir(path).catch(() => []))
      changed = (await close(join(path, one), 0o600)) || changed;
  }
  return changed;
}

/** Whether other users may read a directory that should be private, because its file system has no modes. */
export async function isExposed(directory: string): Promise<boolean> {
  const found = hasModes ? await stat(directory).catch(() => undefined) : undefined;
  return found !== undefined && (found.mode & foreign) !== 0;
}

/** Folders that never belong to one program, even if they are empty. */
async function isShared(directory: string): Promise<boolean> {
  const shared = [homedir(), tmpdir(), '/tmp', '/var/tmp', '/dev/shm'];
  const places = await Promise.all([directory, ...shared].map((path) => stat(path).catch(() => undefined)));
  const [own, ...others] = places;
  return others.some((other) => other?.ino === own?.ino && other?.dev === own?.dev);
}

/**
 * Makes the directory and its content accessible only to its owner. A folder that also contains other things is never
 * changed: it may be somebody's home, or shared.
 * @throws HydrogenError `unavailable` when others can read the directory and that cannot be changed
 */
export async function keepPrivate(directory: string, log?: Logger): Promise<void> {
  if (!hasModes) return;
  const names = await readdir(directory);
  if (!(await isExposed(directory))) {
    if (await closeFiles(directory, names).catch(() => false))
      log?.warn('files of the data directory could be read by other users; now they cannot');
    return;
  }
  if (!(await keepsModes(directory))) {
    log?.warn('the file system of the data directory has no permissions: other users may read it');
    return;
  }
  if (names.some((name) => !ours.test(name)) || (await isShared(directory)))
    throw refused('it also holds other files (or is shared), so its permissions were not changed');
  try {
    await chmod(directory, 0o700);
  } catch {
    throw refused('it belongs to another user');
  }
  if (await isExposed(directory)) throw refused('its permissions cannot be changed');
  await closeFiles(directory, names);
  log?.warn('the data directory could be read by other users; now it cannot');
}
