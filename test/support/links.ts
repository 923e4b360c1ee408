import { symlink } from 'node:fs/promises';
import { codeOf } from '../../src/file-errors.ts';

/** Makes a link of a folder of the kind that any user of Windows may make (a junction); Wine 8 knows only the other. */
export async function linkFolder(target: string, path: string): Promise<void> {
  try {
    await symlink(target, path, 'junction');
  } catch (error) {
    if (codeOf(error) !== 'ENOTSUP') throw error;
    await symlink(target, path, 'dir');
  }
}
