import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HydrogenError } from '../../../errors.ts';
import { inWords } from '../../../file-errors.ts';
import { openDataDirectory } from '../../data-directory.ts';
import { isChosen } from './chosen.ts';
import {
  type ChosenExports,
  type Exports,
  endingOfId,
  isOwnExport,
  mimeTypes,
  newExportId,
} from './exports.ts';
import { inWords as timeInWords, usualLifetimeMs } from './lifetime.ts';
import { writeWhole } from './whole-file.ts';

/** Total bytes of all exports; beyond this the oldest are removed. */
const maxExportBytes = 2 ** 30;
const elsewhere =
  'Exports are in the data directory: check it (hydrogen doctor shows which it is), or set another with HYDROGEN_DATA_DIR.';

/**
 * Exports in the data directory.
 * @param maxTotalBytes for all exports; the newest stays whatever its size
 * @param lifetimeMs how long an export can be fetched, ms
 */
export function createExportsFolder(
  dataDirectory: string,
  maxTotalBytes = maxExportBytes,
  lifetimeMs = usualLifetimeMs,
): Exports {
  const folder = join(dataDirectory, 'exports');

  /** @param newest the one just written, which file timestamps may be too coarse to identify */
  async function removeOld(newest?: string): Promise<void> {
    const names = await readdir(folder).catch(() => []);
    const found = await Promise.all(
      names.map(async (name) => {
        const { mtimeMs = 0, size = 0 } = (await stat(join(folder, name)).catch(() => undefined)) ?? {};
        return { name, mtimeMs: name === newest ? Number.POSITIVE_INFINITY : mtimeMs, size };
      }),
    );
    let taken = 0;
    for (const [at, { name, mtimeMs, size }] of found.sort((a, b) => b.mtimeMs - a.mtimeMs).entries()) {
      taken += size;
      const old = Date.now() - mtimeMs > lifetimeMs;
      // Unfinished ones are still being written.
      const tooMany = taken > maxTotalBytes && at > 0 && endingOfId(name) !== undefined;
      if (old || tooMany) await rm(join(folder, name), { force: true });
    }
  }

  /** Those that are whole. */
  async function chosenOf(chosen: ChosenExports): Promise<string[]> {
    const names = (await readdir(folder).catch(() => [])).filter((id) => endingOfId(id) !== undefined);
    const found = await Promise.all(
      names.map(async (id) => ({ id, at: (await stat(join(folder, id)).catch(() => undefined))?.mtimeMs })),
    );
    return found.flatMap(({ id, at }) => (at !== undefined && isChosen(chosen, { id, at }) ? [id] : []));
  }

  return {
    count: async (chosen) => (await chosenOf(chosen)).length,
    async erase(chosen) {
      const ids = await chosenOf(chosen);
      for (const id of ids) await rm(join(folder, id), { force: true });
      return ids.length;
    },
    removeExpired: () => removeOld(),
    pathOf: async (id) => join(folder, id),
    async write(ending, produce, call) {
      await openDataDirectory(dataDirectory);
      await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw inWords(error, 'The export cannot be written', elsewhere);
      });
      const id = newExportId(ending, call);
      const result = await writeWhole(join(folder, id), 'The export', { replace: false, elsewhere }, produce);
      // The export is complete, so no failure to clean up matters; leftovers are removed next time.
      await removeOld(id).catch(() => {});
      return { id, result };
    },
    async read(id, call) {
      const ending = endingOfId(id);
      if (ending !== undefined && isOwnExport(id, call)) {
        await removeOld();
        const text = await readFile(join(folder, id), 'utf8').catch(() => undefined);
        if (text !== undefined) return { text, mimeType: mimeTypes[ending] };
      }
      throw new HydrogenError(
        'not_found',
        `There is no export "${id}": only recent exports are kept, for ${timeInWords(lifetimeMs)}. Call the tool export again.`,
      );
    },
  };
}
