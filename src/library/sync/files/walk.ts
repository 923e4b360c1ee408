import type { BigIntStats, Dirent } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { HydrogenError } from '../../../errors.ts';
import { fileTrouble, notLetIn } from '../../../file-errors.ts';
import { looksLikeDataDirectory, type OwnFiles, ownData } from '../../../policy/own-files.ts';
import { folded } from '../../../policy/path-text.ts';
import { type OpenFolder, openFolder, wasReplaced } from '../../../policy/safe-open.ts';
import { isSamePlace, type LookAtEntry } from '../../../policy/same-place.ts';
import { refusedByName } from '../../reading/file-names.ts';
import { eitherFolds, type FoldsCase, foldsCase } from './case-folding.ts';
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

/**
 * What systems and office programs put beside documents, of which nobody wants to be told: lock files of Microsoft Office
 * and LibreOffice, what Windows and macOS remember of a folder or a disk, and of a file on a disk that is not theirs.
 */
const leftovers =
  /^(~\$.*|\.~lock\..*#|\$recycle\.bin|system volume information|thumbs\.db|desktop\.ini|\.ds_store|\._.*|\.localized|\.trashes|\.spotlight-v100|\.fseventsd)$/i;

/** Of a file that iCloud has taken away, earlier versions of macOS leave `.NAME.icloud`. */
const inCloud = /^\.(.+)\.icloud$/i;
const onlyInCloud = 'only in iCloud: download it in Finder, and read the folder again';

function kindOf(entry: Dirent | BigIntStats): string | undefined {
  if (entry.isSymbolicLink()) return 'a link: links are not followed';
  if (entry.isFIFO()) return 'a named pipe, not a file';
  if (entry.isSocket()) return 'a socket, not a file';
  if (entry.isBlockDevice() || entry.isCharacterDevice()) return 'a device, not a file';
  return entry.isFile() ? undefined : 'not a regular file';
}

/** Why a file is not read, judging by its name and kind alone. */
export function refusal(name: string, entry: Dirent | BigIntStats): string | undefined {
  return kindOf(entry) ?? refusedByName(name);
}

function reasonOf(error: unknown, path: string): string {
  const { code } = error as NodeJS.ErrnoException;
  // Node decodes bytes of a name that are not UTF-8 to this character, so the file is not found under it.
  if (code === 'ENOENT' && path.includes('\ufffd')) return 'not readable: its name is not UTF-8';
  if (code === 'EACCES') return 'not readable: permission denied';
  if (code === 'EPERM') return notLetIn;
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
  /** Other than `openFolder` in tests of file systems that cannot be had everywhere. */
  readonly open?: typeof openFolder;
}

interface Walking extends Visit {
  /** The separate folders, by what is the same for all spellings of their paths. */
  readonly bySpelling: ReadonlyMap<string, readonly string[]>;
}

/** What holds in a folder. */
interface Inside {
  readonly rules: IgnoreRules;
  readonly folds: FoldsCase;
}

const absolute = (folder: string, path: string): string => join(folder, path.replaceAll('/', sep));

/** Whether a folder is read on its own, also in another spelling, if the file system says that both are one. */
async function isSeparate(path: string, opened: OpenFolder, visiting: Walking): Promise<boolean> {
  if (visiting.separateFolders.has(path)) return true;
  const parent = dirname(path);
  const lookAt: LookAtEntry = (at) =>
    dirname(at) === parent ? opened.lstat(basename(at)) : lstat(at, { bigint: true });
  for (const folder of visiting.bySpelling.get(folded(path)) ?? []) {
    if (await isSamePlace(path, folder, lookAt)) return true;
  }
  return false;
}

/** Why a folder is not entered. */
function folderRefusal(
  name: string,
  path: string,
  { folder, filter }: Visit,
  { rules, folds }: Inside,
): string | undefined {
  if (name.startsWith('.')) return 'hidden folder';
  if (packageFolders.has(name)) return 'package folder';
  if (rules.ignores(absolute(folder, path), true)) return 'ignored by .gitignore';
  return filter.leavesOut(path, folds) ? 'excluded' : undefined;
}

function fileRefusal(
  name: string,
  entry: Dirent | BigIntStats,
  path: string,
  { folder, filter }: Visit,
  { rules, folds }: Inside,
): string | undefined {
  if (name.startsWith('.')) return 'hidden file';
  if (rules.ignores(absolute(folder, path), false)) return 'ignored by .gitignore';
  if (filter.leavesOut(path, folds)) return 'excluded';
  // Files outside `include` are not reported, which would bury the rest.
  return filter.takes(path, folds) ? refusal(name, entry) : '';
}

/** A folder to enter, or something to report. */
type Entry = WalkEntry | { readonly kind: 'folder'; readonly path: string };

async function entryOf(
  entry: Dirent,
  below: string,
  opened: OpenFolder,
  visiting: Walking,
  inside: Inside,
): Promise<Entry | undefined> {
  if (leftovers.test(entry.name)) return undefined;
  const [, away] = (!entry.isDirectory() && inCloud.exec(entry.name)) || [];
  const name = away ?? entry.name;
  const path = below === '' ? name : `${below}/${name}`;
  // Windows lists files and folders of a cloud as links. A look at the file tells what it is.
  const kind = entry.isSymbolicLink() ? await opened.lstat(entry.name).catch(() => entry) : entry;
  if (kind.isDirectory()) {
    if (await isSeparate(absolute(visiting.folder, path), opened, visiting)) return undefined;
    const reason = folderRefusal(name, path, visiting, inside);
    return reason === undefined ? { kind: 'folder', path } : { kind: 'skipped', path: `${path}/`, reason };
  }
  const reason = fileRefusal(name, kind, path, visiting, inside);
  if (reason !== undefined) return reason === '' ? undefined : { kind: 'skipped', path, reason };
  if (away !== undefined) return { kind: 'unreadable', path, reason: onlyInCloud };
  try {
    const stat = await opened.lstat(name);
    // The file may have been replaced since the folder was listed.
    const refused = kindOf(stat) ?? (await ownRefusal(absolute(visiting.folder, path), stat, visiting.own));
    return refused === undefined ? { kind: 'file', path, stat } : { kind: 'skipped', path, reason: refused };
  } catch (error) {
    return { kind: 'unreadable', path, reason: reasonOf(error, path) };
  }
}

interface Listed {
  readonly entries: readonly Entry[];
  readonly folds: FoldsCase;
}

/** The entries of one folder, in order of name. It is closed before others are entered, to save file descriptors. */
async function list(visiting: Walking, above: Inside, below: string): Promise<Listed> {
  const { open = openFolder, filter } = visiting;
  const opened = await open(absolute(visiting.folder, below));
  try {
    const found = await opened.entries();
    const names = found.map(({ name }) => name);
    if (visiting.own.isDataDirectory(opened) || looksLikeDataDirectory(names)) {
      const skipped = { kind: 'skipped', path: below === '' ? '' : `${below}/`, reason: ownData } as const;
      return { entries: [skipped], folds: above.folds };
    }
    const own = filter.hasPatterns ? await foldsCase(names, opened.lstat, above.folds) : 'no';
    const inside = { ...above, folds: eitherFolds(above.folds, own) };
    found.sort((a, b) => (a.name < b.name ? -1 : 1));
    const entries: Entry[] = [];
    for (const item of found) {
      visiting.check();
      const entry = await entryOf(item, below, opened, visiting, inside);
      if (entry) entries.push(entry);
    }
    await opened.confirm();
    return { entries, folds: inside.folds };
  } finally {
    await opened.close();
  }
}

async function* visit(visiting: Walking, above: Inside, below: string): AsyncGenerator<WalkEntry> {
  const rules = await above.rules.within(absolute(visiting.folder, below));
  let listed: Listed;
  try {
    listed = await list(visiting, { ...above, rules }, below);
  } catch (error) {
    if (error instanceof HydrogenError) throw error;
    yield { kind: 'unreadable', path: below, reason: reasonOf(error, below) };
    return;
  }
  for (const entry of listed.entries) {
    if (entry.kind === 'folder') yield* visit(visiting, { rules, folds: listed.folds }, entry.path);
    else yield entry;
  }
}

/**
 * All files below a folder, in order of name. Links are not followed, so that nothing outside is read and there are no
 * loops; hidden folders, `node_modules` and whatever `.gitignore` matches are skipped.
 */
export async function* walk(visiting: Visit): AsyncGenerator<WalkEntry> {
  const bySpelling = Map.groupBy(visiting.separateFolders, folded);
  yield* visit({ ...visiting, bySpelling }, { rules: await rulesAbove(visiting.folder), folds: 'no' }, '');
}
