import { basename } from 'node:path';
import type { Call } from '../../../call.ts';
import { isSettingsFile, type OwnFiles, ownData, ownFile } from '../../../policy/own-files.ts';
import type { FileId } from '../../../policy/safe-open.ts';
import type { Catalog } from '../../../stores/index/types.ts';
import type { Skipped } from '../../types.ts';
import { below, folders, type IngestRoot, pathOf, printable } from './roots.ts';

/** Why a file is not read that holds secrets of a server, by any name. */
export async function ownRefusal(path: string, identity: FileId, own: OwnFiles): Promise<string | undefined> {
  return own.isFile(path, identity) || (await isSettingsFile(path)) ? ownFile : undefined;
}

/** Why a place is not read that a server keeps for itself. */
async function rootRefusal({ path, stat }: IngestRoot, own: OwnFiles): Promise<string | undefined> {
  if (stat.isFile()) return ownRefusal(path, stat, own);
  return (await own.holds(path)) ? ownData : undefined;
}

/** The places that a server keeps for itself, each with the reason, and the others. */
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
 * Takes out what earlier versions have read of a server's own files, whatever is read now.
 * @param refused places that turned out to be such
 * @returns how many documents there were
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
