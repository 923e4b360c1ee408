import { HydrogenError } from '../../../errors.ts';
import type { Logger } from '../../../observability/log.ts';
import type { SigningKey } from '../../../policy/signing.ts';
import { deviceOf, findKeys } from '../../data-directory.ts';
import type { StoreEvent } from '../../store-status.ts';
import { assertPlain, type FileIdentity, identityOf, isSameFile } from './identity.ts';
import { filesMoved } from './messages.ts';

/** Follows which file lies at the path of the store, for one process. */
export interface Whereabouts {
  /** Whether the file that was opened lies at the path. Costs some microseconds. */
  known(): boolean;
  /** The next use begins with a look at everything. */
  doubt(): void;
  /**
   * Whether another file lies at the path than was opened, or none in a data directory that is new too.
   * @throws HydrogenError `unavailable` when the file that was opened is gone
   */
  replaced(): Promise<boolean>;
  /** @throws HydrogenError `unavailable` for a file that had content once and has none, which is not begun anew, and for what is no file */
  assertNotEmptied(): void;
  /** The file at the path is open and in order. @throws `filesMoved` when it is gone again */
  settle(keys: readonly SigningKey[], log: Logger): void;
  event(): StoreEvent | undefined;
}

const way = 'Put it back, which needs no restart, or restart the server to begin with an empty one.';

function gone(what: string): HydrogenError {
  return new HydrogenError(
    'unavailable',
    `${what} while this server ran: nothing is read, and nothing can be written. ${way}`,
  );
}

export function createWhereabouts(directory: string, file: string): Whereabouts {
  let opened: { main: FileIdentity; device: bigint | undefined; keys: readonly string[] } | undefined;
  let sure = false;
  let begun = false;
  let event: StoreEvent | undefined;

  /** A directory that was emptied, or made anew, has other keys or none; one without its disk is another device. */
  async function assertNewDirectory({ keys, device }: NonNullable<typeof opened>): Promise<void> {
    const there = deviceOf(directory);
    if (there === undefined) throw gone('The data directory was deleted or moved away');
    if (there !== device) throw gone('The data directory (or the disk that it is on) was taken away');
    const found = await findKeys(directory);
    if (found?.some(({ id }) => keys.includes(id)))
      throw gone('The store file hydrogen.sqlite was deleted or moved away');
  }

  return {
    known() {
      const there = sure ? identityOf(file) : undefined;
      return there !== undefined && isSameFile(opened?.main, there);
    },
    doubt() {
      sure = false;
    },
    async replaced() {
      if (opened === undefined) return false;
      const there = identityOf(file);
      if (there === undefined) {
        await assertNewDirectory(opened);
        begun = true;
      }
      return sure && !isSameFile(opened.main, there);
    },
    assertNotEmptied() {
      assertPlain(file);
      if (opened === undefined || identityOf(file)?.bytes !== 0n) return;
      throw gone('The store file hydrogen.sqlite was emptied');
    },
    settle(keys, log) {
      const main = identityOf(file);
      if (main === undefined) throw filesMoved;
      if (opened !== undefined && !sure) {
        const kind = begun ? 'anew' : isSameFile(opened.main, main) ? 'log' : 'replaced';
        event = { kind, at: new Date() };
        log.warn({ event: kind }, 'the store file was replaced while the server ran');
      }
      opened = { main, device: deviceOf(directory), keys: keys.map(({ id }) => id) };
      sure = true;
      begun = false;
    },
    event: () => event,
  };
}
