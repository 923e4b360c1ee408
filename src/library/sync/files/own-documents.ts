import { basename } from 'node:path';
import type { Call } from '../../../call.ts';
import { isSettingsFile, type OwnFiles, ownData, ownFile } from '../../../policy/own-files.ts';
import { below } from '../../../policy/path-text.ts';
import type { FileId } from '../../../policy/safe-open.ts';
import type { Catalog } from '../../../stores/index/types.ts';
import type { Skipped } from '../../types.ts';
import { folders, type IngestRoot, pathOf, printable } from './roots.ts';

/** Why a file with a server's secrets is not read, under any name. */
export async function ownRefusal(path: string, identity: FileId, own: OwnFiles): Promise<string | undefined> {
  return own.isFile(path, identity) || (await isSettingsFile(path)) ? ownFile : undefined;
}

/** Why a path reserved for a server is not read. */
async function rootRefusal({ path, stat }: IngestRoot, own: OwnFiles): Promise<string | undefined> {
  if (stat.isFile()) return ownRefusal(path, stat, own);
  return (await own.holds(path)) ? ownData : undefined;
}

/** Separates paths reserved for a server, with the reason for each, from the rest. */
export async function partitionOwn<P extends IngestRoot>(
  places: readonly P[],
  own: OwnFiles,
): Promise<{ refused: P[]; allowed: P[]; skipped: Skipped[] }> {
  const [refused, allowed, skipped]: [P[], P[], Skipped[]] = [[], [], []];
  for (const place of places) {
    const reason = await rootRefusal(place, own);
    if (reason === undefined) {
      allowed.push(place);
      continue;
    }
    refused.push(place);
    skipped.push({ path: printable(basename(place.path)), reason });
  }
  return { refused, allowed, skipped };
}

/**
 * Removes documents that earlier versions read from a server's own files, whatever is read now.
 * @param refused paths found to be a server's own
 * @returns the number of documents removed
 */
export async function removeOwn(
  own: OwnFiles,
  refused: readonly IngestRoot[],
  catalog: Catalog,
  call: Call,
): Promise<number> {
  const ownIds: string[] = [];
  const paths = [...own.paths, ...refused.map(({ path }) => path)];
  for (const source of folders(await catalog.sources(call))) {
    const { name, root } = source;
    if (!paths.some((path) => below(root, path) !== undefined || below(path, root) !== undefined)) continue;
    for (const { id, path } of await catalog.files(name, call)) {
      const file = pathOf(source, path);
      if (paths.some((ownPath) => below(ownPath, file) !== undefined)) ownIds.push(id);
    }
  }
  return ownIds.length === 0 ? 0 : (await catalog.remove(ownIds, call)).length;
}
