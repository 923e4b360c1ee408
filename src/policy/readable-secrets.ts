import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { upwards } from './own-files.ts';

const othersMayRead = 0o004;
const othersMayPass = 0o001;

/** Orchestrators put secrets there for one container, in which there are no others. */
const isOfContainer = (path: string): boolean => /^(\/var)?\/run\/secrets\//.test(path);

async function canBeRead(path: string): Promise<boolean> {
  if (isOfContainer(path)) return false;
  const file = await realpath(path);
  if (((await stat(file)).mode & othersMayRead) === 0) return false;
  const folders = await Promise.all([...upwards(dirname(file))].map((folder) => stat(folder)));
  return folders.every(({ mode }) => (mode & othersMayPass) !== 0);
}

/**
 * Which of these files any user of the machine can read. Its group is left alone: that a service reads a secret as one
 * of a group is common. Windows has no such permissions (`windows-access.ts` asks for those that it has), and what is not there can be read by nobody.
 */
export async function readableByOthers(paths: readonly string[]): Promise<string[]> {
  if (process.platform === 'win32') return [];
  const found = await Promise.all(
    [...new Set(paths)].map(async (path) => ((await canBeRead(path).catch(() => false)) ? [path] : [])),
  );
  return found.flat();
}
