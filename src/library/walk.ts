import type { Dirent, Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { fileTrouble } from '../file-errors.ts';
import type { PathFilter } from './file-selection.ts';
import { type IgnoreRules, rulesAbove } from './ignore-rules.ts';
import { documentType, readable } from './loaders/types.ts';

/** What is found below a folder, by its path relative to it, with `/`. */
export type Found =
  | { readonly kind: 'file'; readonly path: string; readonly stat: Stats }
  | { readonly kind: 'skipped'; readonly path: string; readonly reason: string }
  /** What the index has below it stays, because nothing is known. */
  | { readonly kind: 'unreadable'; readonly path: string; readonly reason: string };

/** Folders that hold other people's files, not documents. */
const passedOver = new Set(['node_modules', '__pycache__']);

function kindOf(entry: Dirent | Stats): string | undefined {
  if (entry.isSymbolicLink()) return 'a link: what it leads to is only read where it lies';
  if (entry.isFIFO()) return 'a named pipe, not a file';
  if (entry.isSocket()) return 'a socket, not a file';
  if (entry.isBlockDevice() || entry.isCharacterDevice()) return 'a device, not a file';
  return entry.isFile() ? undefined : 'not a regular file';
}

/** Why a file is not read, by its name and kind alone. */
export function refusal(name: string, entry: Dirent | Stats): string | undefined {
  const kind = kindOf(entry);
  if (kind !== undefined) return kind;
  return documentType(name) ? undefined : `not a kind of file that can be read (${readable})`;
}

function reasonOf(error: unknown, path: string): string {
  const { code } = error as NodeJS.ErrnoException;
  // Node shows bytes of a name that are not UTF-8 as this character, by which the file is not found again.
  if (code === 'ENOENT' && path.includes('\ufffd')) return 'not readable: its name is not UTF-8';
  return code === 'EACCES' || code === 'EPERM'
    ? 'not readable: permission denied'
    : `not readable: ${fileTrouble(error)?.reason ?? code}`;
}

export interface Visit {
  readonly folder: string;
  readonly filter: PathFilter;
  /** Absolute paths of folders that are not entered and not told of. */
  readonly others: ReadonlySet<string>;
  /** Called for every entry; ends the walk by throwing. */
  check(): void;
}

const absolute = (folder: string, path: string): string => join(folder, path.replaceAll('/', sep));

/** Why a folder is not entered. */
function folderRefusal(
  name: string,
  path: string,
  { folder, filter }: Visit,
  rules: IgnoreRules,
): string | undefined {
  if (name.startsWith('.')) return 'hidden folder';
  if (passedOver.has(name)) return 'folder of packages';
  if (rules.ignores(absolute(folder, path), true)) return 'left out by .gitignore';
  return filter.leavesOut(path) ? 'excluded' : undefined;
}

function fileRefusal(
  entry: Dirent,
  path: string,
  { folder, filter }: Visit,
  rules: IgnoreRules,
): string | undefined {
  if (entry.name.startsWith('.')) return 'hidden file';
  if (rules.ignores(absolute(folder, path), false)) return 'left out by .gitignore';
  if (filter.leavesOut(path)) return 'excluded';
  // What is not among the included is not meant: a report of it would bury the rest.
  return filter.takes(path) ? refusal(entry.name, entry) : '';
}

async function* visit(visiting: Visit, above: IgnoreRules, below: string): AsyncGenerator<Found> {
  const { folder, check } = visiting;
  const rules = await above.within(absolute(folder, below));
  let entries: Dirent[];
  try {
    entries = await readdir(absolute(folder, below), { withFileTypes: true });
  } catch (error) {
    yield { kind: 'unreadable', path: below, reason: reasonOf(error, below) };
    return;
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    check();
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) {
      if (visiting.others.has(absolute(folder, path))) continue;
      const reason = folderRefusal(entry.name, path, visiting, rules);
      if (reason === undefined) yield* visit(visiting, rules, path);
      else yield { kind: 'skipped', path: `${path}/`, reason };
      continue;
    }
    const reason = fileRefusal(entry, path, visiting, rules);
    if (reason !== undefined) {
      if (reason !== '') yield { kind: 'skipped', path, reason };
      continue;
    }
    try {
      yield { kind: 'file', path, stat: await lstat(absolute(folder, path)) };
    } catch (error) {
      yield { kind: 'unreadable', path, reason: reasonOf(error, path) };
    }
  }
}

/**
 * All files below a folder, in order of name. Links are not followed, so that nothing outside is read and
 * there are no loops; hidden folders, `node_modules` and what `.gitignore` names are passed over.
 */
export async function* walk(visiting: Visit): AsyncGenerator<Found> {
  yield* visit(visiting, await rulesAbove(visiting.folder), '');
}
