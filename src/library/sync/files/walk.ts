import type { BigIntStats, Dirent } from 'node:fs';
import { join, sep } from 'node:path';
import { HydrogenError } from '../../../errors.ts';
import { fileTrouble } from '../../../file-errors.ts';
import { looksLikeDataDirectory, type OwnFiles, ownData } from '../../../policy/own-files.ts';
import { type OpenFolder, openFolder, wasReplaced } from '../../../policy/safe-open.ts';
import { documentType, readable } from '../../reading/formats.ts';
import type { PathFilter } from './file-selection.ts';
import { type IgnoreRules, rulesAbove } from './ignore-rules.ts';
import { ownRefusal } from './own-documents.ts';

/** An entry below a folder, with its path relative to that, with `/`. */
export type WalkEntry =
  | { readonly kind: 'file'; readonly path: string; readonly stat: BigIntStats }
  | { readonly kind: 'skipped'; readonly path: string; readonly reason: string }
  /** Its state is unknown, so what the index has below it stays. */
  | { readonly kind: 'unreadable'; readonly path: string; readonly reason: string };

/** Folders of third-party code, not documents. */
const packageFolders = new Set(['node_modules', '__pycache__']);

function kindOf(entry: Dirent | BigIntStats): string | undefined {
  if (entry.isSymbolicLink()) return 'a link: links are not followed';
  if (entry.isFIFO()) return 'a named pipe, not a file';
  if (entry.isSocket()) return 'a socket, not a file';
  if (entry.isBlockDevice() || entry.isCharacterDevice()) return 'a device, not a file';
  return entry.isFile() ? undefined : 'not a regular file';
}

/** Why a file is not read, judging by its name and kind alone. */
export function refusal(name: string, entry: Dirent | BigIntStats): string | undefined {
  const kind = kindOf(entry);
  if (kind !== undefined) return kind;
  return documentType(name) ? undefined : `not a supported file type (${readable})`;
}

function reasonOf(error: unknown, path: string): string {
  const { code } = error as NodeJS.ErrnoException;
  // Node decodes bytes of a name that are not UTF-8 to this character, so the file is not found under it.
  if (code === 'ENOENT' && path.includes('\ufffd')) return 'not readable: its name is not UTF-8';
  if (code === 'EACCES' || code === 'EPERM') return 'not readable: permission denied';
  return wasReplaced(error) || code === 'ENOTDIR'
    ? 'it or a parent folder was replaced while being read'
    : `not readable: ${fileTrouble(error)?.reason ?? code}`;
}

export interface Visit {
  readonly folder: string;
  readonly filter: PathFilter;
  /** Absolute paths of folders to pass over without a report. */
  readonly separateFolders: ReadonlySet<string>;
  readonly own: OwnFiles;
  /** Called for every entry; throws to end the walk. */
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
  if (packageFolders.has(name)) return 'package folder';
  if (rules.ignores(absolute(folder, path), true)) return 'ignored by .gitignore';
  return filter.leavesOut(path) ? 'excluded' : undefined;
}

function fileRefusal(
  entry: Dirent,
  path: string,
  { folder, filter }: Visit,
  rules: IgnoreRules,
): string | undefined {
  if (entry.name.startsWith('.')) return 'hidden file';
  if (rules.ignores(absolute(folder, path), false)) return 'ignored by .gitignore';
  if (filter.leavesOut(path)) return 'excluded';
  // Files outside `include` are not reported, which would bury the rest.
  return filter.takes(path) ? refusal(entry.name, entry) : '';
}

/** A folder to enter, or something to report. */
type Entry = WalkEntry | { readonly kind: 'folder'; readonly path: string };

async function entryOf(
  entry: Dirent,
  path: string,
  opened: OpenFolder,
  visiting: Visit,
  rules: IgnoreRules,
): Promise<Entry | undefined> {
  if (entry.isDirectory()) {
    if (visiting.separateFolders.has(absolute(visiting.folder, path))) return undefined;
    const reason = folderRefusal(entry.name, path, visiting, rules);
    return reason === undefined ? { kind: 'folder', path } : { kind: 'skipped', path: `${path}/`, reason };
  }
  const reason = fileRefusal(entry, path, visiting, rules);
  if (reason !== undefined) return reason === '' ? undefined : { kind: 'skipped', path, reason };
  try {
    const stat = await opened.lstat(entry.name);
    // The file may have been replaced since the folder was listed.
    const refused = kindOf(stat) ?? (await ownRefusal(absolute(visiting.folder, path), stat, visiting.own));
    return refused === undefined ? { kind: 'file', path, stat } : { kind: 'skipped', path, reason: refused };
  } catch (error) {
    return { kind: 'unreadable', path, reason: reasonOf(error, path) };
  }
}

/** The entries of one folder, in order of name. It is closed before others are entered, to save file descriptors. */
async function list(visiting: Visit, rules: IgnoreRules, below: string): Promise<Entry[]> {
  const opened = await openFolder(absolute(visiting.folder, below));
  try {
    const found = await opened.entries();
    if (visiting.own.isDataDirectory(opened) || looksLikeDataDirectory(found.map(({ name }) => name))) {
      return [{ kind: 'skipped', path: below === '' ? '' : `${below}/`, reason: ownData }];
    }
    found.sort((a, b) => (a.name < b.name ? -1 : 1));
    const entries: Entry[] = [];
    for (const item of found) {
      visiting.check();
      const path = below === '' ? item.name : `${below}/${item.name}`;
      const entry = await entryOf(item, path, opened, visiting, rules);
      if (entry) entries.push(entry);
    }
    await opened.confirm();
    return entries;
  } finally {
    await opened.close();
  }
}

async function* visit(visiting: Visit, above: IgnoreRules, below: string): AsyncGenerator<WalkEntry> {
  const rules = await above.within(absolute(visiting.folder, below));
  let entries: Entry[];
  try {
    entries = await list(visiting, rules, below);
  } catch (error) {
    if (error instanceof HydrogenError) throw error;
    yield { kind: 'unreadable', path: below, reason: reasonOf(error, below) };
    return;
  }
  for (const entry of entries) {
    if (entry.kind === 'folder') yield* visit(visiting, rules, entry.path);
    else yield entry;
  }
}

/**
 * All files below a folder, in order of name. Links are not followed, so that nothing outside is read and there are no
 * loops; hidden folders, `node_modules` and whatever `.gitignore` matches are skipped.
 */
export async function* walk(visiting: Visit): AsyncGenerator<WalkEntry> {
  yield* visit(visiting, await rulesAbove(visiting.folder), '');
}
