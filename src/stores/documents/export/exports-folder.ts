import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFile } from '../../../busy-files.ts';
import type { Caller } from '../../../call.ts';
import { HydrogenError } from '../../../errors.ts';
import { inWords } from '../../../file-errors.ts';
import { openDataDirectory } from '../../data-directory.ts';
import {
  beyondRoom,
  type ChosenExports,
  type Exports,
  endingOfId,
  heldOf,
  isChosen,
  isOwnExport,
  mimeTypes,
  newExportId,
} from './exports.ts';
import { timeInWords, usualLifetimeMs } from './lifetime.ts';
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

  /** All files, also those that are still being written. */
  async function files() {
    const names = await readdir(folder).catch(() => []);
    return Promise.all(
      names.map(async (id) => {
        const { mtimeMs: at = 0, size: bytes = 0 } =
          (await stat(join(folder, id)).catch(() => undefined)) ?? {};
        return { id, at, bytes };
      }),
    );
  }
  const isOld = ({ at }: { readonly at: number }): boolean => Date.now() - at > lifetimeMs;

  /** @param newest the one just written, which file timestamps may be too coarse to identify */
  async function removeOld(newest?: { readonly id: string; readonly caller: Caller }): Promise<void> {
    const found = await files();
    const left = found.filter((file) => !isOld(file));
    const whole = left.filter(({ id }) => endingOfId(id) !== undefined);
    const bytesOf = (some: readonly { readonly bytes: number }[]): number =>
      some.reduce((sum, { bytes }) => sum + bytes, 0);
    const gone = [
      ...found.filter(isOld).map(({ id }) => id),
      ...beyondRoom(whole, maxTotalBytes - (bytesOf(left) - bytesOf(whole)), newest),
    ];
    for (const id of gone) await removeFile(join(folder, id));
  }

  /** Those that are whole. */
  async function chosenOf(chosen: ChosenExports): Promise<string[]> {
    const whole = (await files()).filter(({ id }) => endingOfId(id) !== undefined);
    return whole.filter((file) => isChosen(chosen, file)).map(({ id }) => id);
  }

  return {
    count: async (chosen) => (await chosenOf(chosen)).length,
    async erase(chosen) {
      const ids = await chosenOf(chosen);
      for (const id of ids) await removeFile(join(folder, id));
      return ids.length;
    },
    removeExpired: () => removeOld(),
    pathOf: async (id) => join(folder, id),
    held: async (call) =>
      heldOf(
        (await files()).filter((file) => !isOld(file)),
        call,
        lifetimeMs,
      ),
    async write(ending, produce, call) {
      await openDataDirectory(dataDirectory);
      await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw inWords(error, 'The export cannot be written', elsewhere);
      });
      const id = newExportId(ending, call);
      const result = await writeWhole(join(folder, id), 'The export', { replace: false, elsewhere }, produce);
      // The export is complete, so no failure to clean up matters; leftovers are removed next time.
      await removeOld({ id, caller: call.caller }).catch(() => {});
      return { id, result };
    },
    async has(id, call) {
      if (!isOwnExport(id, call)) return false;
      const found = await stat(join(folder, id)).catch(() => undefined);
      return found !== undefined && !isOld({ at: found.mtimeMs });
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
