import { randomBytes } from 'node:crypto';
import { chmod, lstat, open, readdir, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { HydrogenError } from '../errors.ts';
import type { Logger } from '../observability/log.ts';

/** Any right of the group or of others. */
const foreign = 0o077;
/** What this program puts into its directory, what a file system or file manager does, and copies of these. */
const ours = /^(hydrogen\.|keys\.|exports$|models$|lost\+found$|\.(DS_Store|gitignore|gitkeep|nfs.*)$)/;
/** Secret files directly in the directory. */
const secret = /^(hydrogen\.sqlite.*|keys\..*)$/;

const advice = 'Set another with HYDROGEN_DATA_DIR: a folder that does not exist yet is made for you alone.';

/** Windows has no modes: there the rights of the folder above hold, which for a user's folder are the user's. */
const hasModes = process.getuid !== undefined;

function refused(why: string): HydrogenError {
  return new HydrogenError(
    'unavailable',
    `The data directory cannot be used: other users of this computer may read or change it, and ${why}. ${advice}`,
  );
}

/** Whether a file that is made for its owner alone becomes one: FAT, and many network folders, know no modes. */
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

/** Takes the rights of others from a file or folder. A link is left alone. @returns whether they had any */
async function close(path: string, mode: number): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (!found || found.isSymbolicLink() || (found.mode & foreign) === 0) return false;
  await chmod(path, mode);
  return true;
}

/** The files of an earlier version were readable for all. */
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

/** Whether other users may read the directory, though this program wants it for itself: its file system knows no modes. */
export async function isExposed(directory: string): Promise<boolean> {
  const found = hasModes ? await stat(directory).catch(() => undefined) : undefined;
  return found !== undefined && (found.mode & foreign) !== 0;
}

/** Folders that are never one program's own, though they may be empty. */
async function isShared(directory: string): Promise<boolean> {
  const shared = [homedir(), tmpdir(), '/tmp', '/var/tmp', '/dev/shm'];
  const places = await Promise.all([directory, ...shared].map((path) => stat(path).catch(() => undefined)));
  const [own, ...others] = places;
  return others.some((other) => other?.ino === own?.ino && other?.dev === own?.dev);
}

/**
 * Leaves the directory and what is in it to its owner alone. A folder that holds other things too is never
 * changed: it may be somebody's home, or one for all.
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
    log?.warn('the file system of the data directory keeps no permissions: other users may read it');
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
