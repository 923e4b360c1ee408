import type { Dirent, Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { documentType, readable } from './loaders/types.ts';

/** What is found below a folder, by its path relative to it, with `/`. */
export type Found =
  | { readonly kind: 'file'; readonly path: string; readonly stat: Stats }
  | { readonly kind: 'skipped'; readonly path: string; readonly reason: string }
  /** What the index has below it stays, because nothing is known. */
  | { readonly kind: 'unreadable'; readonly path: string; readonly reason: string };

/** Folders that hold other people's files, not documents. */
const passedOver = new Set(['node_modules', '__pycache__']);

/** Why a file is not read, by its name and kind alone. */
export function refusal(name: string, entry: Dirent | Stats): string | undefined {
  if (entry.isSymbolicLink()) return 'a link: what it leads to is only read where it lies';
  if (!entry.isFile()) return 'not a regular file';
  return documentType(name) ? undefined : `not a kind of file that can be read (${readable})`;
}

function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EACCES' || code === 'EPERM' ? 'not readable: permission denied' : `not readable (${code})`;
}

/**
 * All files below a folder, in order of name. Links are not followed, so that nothing outside is read and
 * there are no loops; hidden folders and `node_modules` are passed over.
 * @param check called for every entry; ends the walk by throwing
 */
export async function* walk(folder: string, check: () => void, below = ''): AsyncGenerator<Found> {
  let entries: Dirent[];
  try {
    entries = await readdir(join(folder, below.replaceAll('/', sep)), { withFileTypes: true });
  } catch (error) {
    yield { kind: 'unreadable', path: below, reason: reasonOf(error) };
    return;
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    check();
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    const hidden = entry.name.startsWith('.');
    if (entry.isDirectory()) {
      if (hidden || passedOver.has(entry.name)) {
        yield { kind: 'skipped', path: `${path}/`, reason: hidden ? 'hidden folder' : 'folder of packages' };
      } else {
        yield* walk(folder, check, path);
      }
      continue;
    }
    const reason = hidden ? 'hidden file' : refusal(entry.name, entry);
    if (reason !== undefined) {
      yield { kind: 'skipped', path, reason };
      continue;
    }
    try {
      yield { kind: 'file', path, stat: await lstat(join(folder, path.replaceAll('/', sep))) };
    } catch (error) {
      yield { kind: 'unreadable', path, reason: reasonOf(error) };
    }
  }
}
