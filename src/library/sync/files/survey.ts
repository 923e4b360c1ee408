import type { BigIntStats } from 'node:fs';
import type { Call } from '../../../call.ts';
import { throwIfCallEnded } from '../../../call-end.ts';
import type { OwnFiles } from '../../../policy/own-files.ts';
import type { FileId } from '../../../policy/safe-open.ts';
import type { Source } from '../../../stores/index/types.ts';
import type { Skipped } from '../../types.ts';
import { type FileSelection, pathFilter } from './file-selection.ts';
import { type IngestRoot, idOf, locate, pathOf } from './roots.ts';
import { refusal, walk } from './walk.ts';

/** A file that may have to be read. */
export interface FileCandidate {
  /** The document's id. */
  readonly id: string;
  readonly file: string;
  readonly source: string;
  readonly path: string;
  /** Modification time in ms since the epoch. */
  readonly modified: number;
  readonly size: number;
  readonly seen: FileId;
}

export interface Survey {
  readonly files: readonly FileCandidate[];
  readonly skipped: readonly Skipped[];
  /** Absolute paths that could not be read: what the index has at and below them stays. */
  readonly unreadable: readonly string[];
}

/** Like `mtimeMs` of non-bigint stats, whose numbers cannot hold every file's identity. */
function modifiedOf({ mtimeNs }: BigIntStats): number {
  const second = 1_000_000_000n;
  return Number(mtimeNs / second) * 1_000 + Number(mtimeNs % second) / 1e6;
}

/**
 * The files at a path, and what is skipped. Opens nothing but `.gitignore` files. The selection applies to folders, not
 * to a file that is named itself. `separateFolders` are skipped, as they are surveyed on their own.
 */
export async function survey(
  place: IngestRoot,
  sources: readonly Source[],
  {
    separateFolders,
    own,
    ...selection
  }: FileSelection & { readonly separateFolders: ReadonlySet<string>; readonly own: OwnFiles },
  call: Call,
): Promise<Survey> {
  const files: FileCandidate[] = [];
  const skipped: Skipped[] = [];
  const unreadable: string[] = [];
  const named = (file: string): Pick<FileCandidate, 'id' | 'source' | 'path'> => {
    const location = locate(sources, file);
    const [source, path] = [location?.source.name ?? '', location?.path ?? ''];
    return { id: idOf({ name: source }, path), source, path };
  };
  const add = (file: string, stat: BigIntStats): void => {
    const { dev, ino, size } = stat;
    files.push({
      ...named(file),
      file,
      modified: modifiedOf(stat),
      size: Number(size),
      seen: { dev, ino },
    });
  };
  if (!place.stat.isDirectory()) {
    const reason = refusal(place.path, place.stat);
    if (reason === undefined) add(place.path, place.stat);
    else skipped.push({ path: named(place.path).id, reason });
    return { files, skipped, unreadable };
  }
  const filter = await pathFilter(selection);
  for await (const found of walk({
    folder: place.path,
    filter,
    separateFolders,
    own,
    check: () => throwIfCallEnded(call),
  })) {
    const file = pathOf({ root: place.path }, found.path);
    if (found.kind === 'file') {
      add(file, found.stat);
      continue;
    }
    if (found.kind === 'unreadable') unreadable.push(file);
    skipped.push({ path: named(file).id, reason: found.reason });
  }
  return { files, skipped, unreadable };
}
