import { HydrogenError } from '../../../errors.ts';
import type { Logger } from '../../../observability/log.ts';
import type { SigningKey } from '../../../policy/signing.ts';
import { deviceOf, findKeys } from '../../data-directory.ts';
import type { StoreEvent } from '../../store-status.ts';
import { assertPlain, type FileIdentity, identityOf, isSameFile } from './identity.ts';
import { filesMoved } from './messages.ts';

/** Tracks, for one process, which file is at the path of the store. */
export interface Whereabouts {
  /**
   * Whether the file that was opened is at the path. Takes some microseconds.
   * @param lately that it was so many ms ago is good enough
   */
  isInPlace(lately?: number): boolean;
  /** Makes the next use check everything first. */
  invalidate(): void;
  /**
   * Whether a different file than the opened one is at the path, or none in a new data directory.
   * @throws HydrogenError `unavailable` when the opened file is missing
   */
  replaced(): Promise<boolean>;
  /**
   * @throws HydrogenError `unavailable` for a file that once had content and is now empty, which must not be
   * initialised again, and for anything but a file
   */
  assertNotEmptied(): void;
  /** The file at the path is open and valid. @throws `filesMoved` when it is missing again */
  confirm(keys: readonly SigningKey[], log: Logger): void;
  event(): StoreEvent | undefined;
}

const advice = 'Put it back, which needs no restart, or restart the server to begin with an empty one.';

function missingStore(what: string): HydrogenError {
  return new HydrogenError(
    'unavailable',
    `${what} while this server ran: nothing is read, and nothing can be written. ${advice}`,
  );
}

export function createWhereabouts(directory: string, file: string): Whereabouts {
  let opened: { main: FileIdentity; device: bigint | undefined; keys: readonly string[] } | undefined;
  let verified = false;
  let begun = false;
  let event: StoreEvent | undefined;
  /** When it was last found in place, by the process's clock, ms. */
  let foundAt = Number.NEGATIVE_INFINITY;

  /**
   * A directory that was emptied or recreated has different keys or none; one whose disk is missing is on a different
   * device.
   */
  async function assertNewDirectory({ keys, device }: NonNullable<typeof opened>): Promise<void> {
    const current = deviceOf(directory);
    if (current === undefined) throw missingStore('The data directory was deleted or moved away');
    if (current !== device) throw missingStore('The data directory (or the disk it is on) was removed');
    const found = await findKeys(directory);
    if (found?.some(({ id }) => keys.includes(id)))
      throw missingStore('The store file hydrogen.sqlite was deleted or moved away');
  }

  return {
    isInPlace(lately = 0) {
      if (!verified) return false;
      const now = performance.now();
      if (now - foundAt < lately) return true;
      const current = identityOf(file);
      const isFound = current !== undefined && isSameFile(opened?.main, current);
      if (isFound) foundAt = now;
      return isFound;
    },
    invalidate() {
      verified = false;
    },
    async replaced() {
      if (opened === undefined) return false;
      const current = identityOf(file);
      if (current === undefined) {
        await assertNewDirectory(opened);
        begun = true;
      }
      return verified && !isSameFile(opened.main, current);
    },
    assertNotEmptied() {
      assertPlain(file);
      if (opened === undefined || identityOf(file)?.bytes !== 0n) return;
      throw missingStore('The store file hydrogen.sqlite was emptied');
    },
    confirm(keys, log) {
      const main = identityOf(file);
      if (main === undefined) throw filesMoved;
      if (opened !== undefined && !verified) {
        const kind = begun ? 'anew' : isSameFile(opened.main, main) ? 'log' : 'replaced';
        event = { kind, at: new Date() };
        log.warn({ event: kind }, 'the store file was replaced while the server ran');
      }
      opened = { main, device: deviceOf(directory), keys: keys.map(({ id }) => id) };
      verified = true;
      begun = false;
    },
    event: () => event,
  };
}
