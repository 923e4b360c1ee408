import { link, open } from 'node:fs/promises';
import { removeFile, renameFile } from '../busy-files.ts';
import { codeOf } from '../file-errors.ts';

/** How file systems report that they have no links: exFAT and FAT, network folders, and how Windows translates it. */
const noLinks: ReadonlySet<string> = new Set([
  ...['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL', 'EISDIR', 'UNKNOWN'],
]);

/**
 * Takes the name first, with an empty file, which is replaced by the whole one. A crash between the two leaves the empty
 * one.
 */
async function placeWithoutLinks(temporary: string, path: string): Promise<void> {
  await (await open(path, 'wx', 0o600)).close();
  try {
    await renameFile(temporary, path);
  } catch (error) {
    await removeFile(path);
    throw error;
  }
}

/**
 * Gives a file that was written under a temporary name its own, unless that is taken; the temporary name may stay.
 * @throws EEXIST where the name is taken, and as `link` and `rename`
 */
export async function placeNew(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    if (!noLinks.has(codeOf(error))) throw error;
    await placeWithoutLinks(temporary, path);
  }
}
