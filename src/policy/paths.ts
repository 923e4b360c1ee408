import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { HydrogenError } from '../errors.ts';

function inside(path: string, folder: string): boolean {
  const relativePath = relative(folder, path);
  return relativePath === '' || (!relativePath.startsWith('..') && !isAbsolute(relativePath));
}

async function real(path: string): Promise<string | undefined> {
  return realpath(path).catch(() => undefined);
}

/**
 * The real paths of `paths`, each inside one of `folders` after links have been followed. A relative path starts in a
 * folder or with its name.
 * @throws HydrogenError `not_allowed`, without revealing whether a path outside exists.
 */
export async function allowedPaths(paths: readonly string[], folders: readonly string[]): Promise<string[]> {
  if (folders.length === 0) {
    throw new HydrogenError(
      'not_allowed',
      'No folder may be read: the setting "folders" (HYDROGEN_FOLDERS) is empty. Add the folders there, or send text with add_document.',
    );
  }
  const roots = (await Promise.all(folders.map(real))).filter((root) => root !== undefined);
  const names = roots.map((root) => `"${basename(root)}/"`).join(' or ');
  return Promise.all(
    paths.map(async (path) => {
      const candidates = await Promise.all(
        isAbsolute(path)
          ? [real(path)]
          : roots.flatMap((root) => [real(resolve(root, path)), real(resolve(dirname(root), path))]),
      );
      const found = candidates.find(
        (candidate) => candidate !== undefined && roots.some((root) => inside(candidate, root)),
      );
      if (found !== undefined) return found;
      throw new HydrogenError(
        'not_allowed',
        `"${path}" is not in the folders this server may read, or does not exist. Give a path that starts with ${names}, or send text with add_document.`,
      );
    }),
  );
}

/**
 * The path of a new file in `folder` or an existing folder below it.
 * @throws HydrogenError `not_allowed` for a hidden file, or a name that leads out of it once links are followed.
 */
export async function newFileIn(name: string, folder: string): Promise<string> {
  const root = await real(folder);
  if (root === undefined) {
    throw new HydrogenError(
      'unavailable',
      `The folder "${basename(folder)}" of the settings does not exist.`,
    );
  }
  const path = resolve(root, name);
  const parent = isAbsolute(name) || name.includes('\0') ? undefined : await real(dirname(path));
  const fileName = basename(path);
  if (parent !== undefined && inside(parent, root) && path !== root && !fileName.startsWith('.')) {
    return join(parent, fileName);
  }
  throw new HydrogenError(
    'not_allowed',
    `"${name}" is not a name in the folder "${basename(root)}": give a file name, optionally in an existing subfolder.`,
  );
}
