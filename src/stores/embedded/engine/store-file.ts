import { join } from 'node:path';
import type { Call } from '../../../call.ts';
import { duringCall } from '../../../call-end.ts';
import { callLate, type HydrogenError } from '../../../errors.ts';
import { openDataDirectory } from '../../data-directory.ts';
import type { FileSnapshot, StoreStatus } from '../../store-status.ts';
import { changeMark } from './change-mark.ts';
import { identityOf } from './identity.ts';
import { createLane } from './lane.ts';
import { filesMoved, openRequest } from './messages.ts';
import { createClient, type OperationRunner, type StoreOperation } from './operations.ts';
import { peek } from './peek.ts';
import { createSingleRows, type SingleRows } from './single-rows.ts';
import { fileOperations } from './statistics.ts';
import { createWhereabouts } from './whereabouts.ts';

/** A thread costs about 20 MB and starts in 40 ms. */
const idleMs = 10_000;
/** The index thread has a cache to lose, which takes seconds to fill at 60,000 passages. */
const indexIdleMs = 600_000;
/** A row may be of the store file that was at the path so long ago: to ask costs as much as to read it. */
const rowsLateMs = 20;
/** How often a call restarts on another store file. */
const maxTurns = 5;

/**
 * The SQLite file of a data directory, which several processes may share. Every operation runs on a store thread and
 * really stops when its call does; the main thread only peeks, and reads single rows. The file may be replaced while it is in use: all threads
 * then open the new one.
 */
export interface StoreFile extends OperationRunner, StoreStatus {
  /**
   * For clients of operations (`createClient`).
   * @throws HydrogenError `cancelled`, `timeout`, `unavailable` (the file, a lock), or the operation's own.
   */
  run(operation: StoreOperation, args: readonly unknown[], call: Call): Promise<unknown>;
  /**
   * Whether a query finds a row, without a thread and without waiting (`peek.ts`); true when that cannot be checked.
   */
  peek(sql: string): boolean;
  /** Undefined also where the file is not open yet or closed, or no longer the one at the path: an operation then tells more. */
  readRow: SingleRows['read'];
  /**
   * Writes the store as it is at one moment into a new file, while others go on writing.
   * @throws HydrogenError `unavailable` for a copy that is not whole
   */
  snapshot(file: string, call: Call): Promise<FileSnapshot>;
  /**
   * Has the file hold nothing any more of what was erased.
   * @param compact the file is written anew, while others wait with their writes; else only its log is cut off
   * @returns false where others were still reading what was before
   */
  scrub(compact: boolean, call: Call): Promise<boolean>;
  /** Creates or migrates the file. Every other operation waits for this; if it fails, it is retried. */
  open(call: Call): Promise<void>;
  /** Gives running operations a moment to finish, cancels the rest, and stops the threads. */
  close(): Promise<void>;
}

const reopenedTooLate = (): HydrogenError =>
  callLate({ message: 'The store file was replaced and is being reopened. Try again.' });

export interface StoreFileOptions {
  /** The data directory; created if it is missing. */
  readonly directory: string;
  /** Maximum number of read threads. */
  readonly readers: number;
  /** The entry point of the store threads, which calls `serveStore`. */
  readonly thread: URL;
  /** The number of migrations in its program. */
  readonly format: number;
}

export function createStoreFile({ directory, readers, thread, format }: StoreFileOptions): StoreFile {
  const file = join(directory, 'hydrogen.sqlite');
  const lanes = {
    read: createLane({ file, thread, lane: 'read' }, readers, idleMs),
    light: createLane({ file, thread, lane: 'light' }, 1, idleMs),
    write: createLane({ file, thread, lane: 'write' }, 1, idleMs),
    index: createLane({ file, thread, lane: 'index' }, 1, indexIdleMs),
  };
  const all = Object.values(lanes);
  const whereabouts = createWhereabouts(directory, file);
  const rows = createSingleRows(file, idleMs, logMoved);
  let isClosed = false;
  let renewals = 0;
  let renewing: Promise<void> | undefined;
  /** Stays set after a failed renewal: until everything is closed, nothing may be opened alongside. */
  let isRenewalDue = false;

  /**
   * Closes all connections of this process before one is opened again: SQLite would share its state of a log between
   * the old and the new, and the locks of a file are released when its first descriptor is closed.
   */
  async function reopen(): Promise<void> {
    rows.close();
    try {
      await Promise.all(all.map(async (lane) => lane.pause()));
      renewals++;
      isRenewalDue = false;
    } finally {
      renewing = undefined;
      for (const lane of all) lane.resume();
    }
  }

  /** Where the store file itself is another one, the next operation finds that out. */
  function logMoved(): void {
    if (!whereabouts.isInPlace()) return;
    whereabouts.invalidate();
    isRenewalDue = true;
  }

  function renew(call: Call): Promise<void> {
    whereabouts.invalidate();
    isRenewalDue = true;
    renewing ??= reopen();
    return duringCall(renewing, call, reopenedTooLate);
  }

  async function openOnce(call: Call): Promise<void> {
    if (whereabouts.isInPlace()) return;
    if (renewing) await duringCall(renewing, call, reopenedTooLate);
    const isReplaced = await whereabouts.replaced();
    if (isReplaced || isRenewalDue) await renew(call);
    const keys = await openDataDirectory(directory, call.log);
    // A current file needs no thread that could write.
    const isCurrent = `SELECT 1 FROM pragma_user_version WHERE user_version = ${format}`;
    if (!peek(file, isCurrent, false)) {
      whereabouts.assertNotEmptied();
      await lanes.write.run(openRequest, [], call);
    }
    whereabouts.confirm(keys, call.log);
  }

  async function untilInPlace<T>(call: Call, work: () => Promise<T>): Promise<T> {
    for (let turn = 1; ; turn++) {
      const before = renewals;
      try {
        await openOnce(call);
        return await work();
      } catch (error) {
        if (error !== filesMoved || turn === maxTurns) throw error;
        if (before === renewals) await renew(call);
      }
    }
  }

  const run: OperationRunner['run'] = ({ lane, name, isUrgent }, args, call) =>
    untilInPlace(call, () => lanes[lane].run(name, args, call, isUrgent));

  return {
    run,
    open: (call) => untilInPlace(call, async () => {}),
    peek: (sql) => (whereabouts.isInPlace() ? peek(file, sql, true) : identityOf(file) !== undefined),
    readRow: (sql, values) =>
      !isClosed && whereabouts.isInPlace(rowsLateMs) ? rows.read(sql, values) : undefined,
    event: () => whereabouts.event(),
    changeMark: () => changeMark(file),
    ...createClient({ run }, fileOperations),
    async close() {
      isClosed = true;
      rows.close();
      await Promise.all(all.map((lane) => lane.close()));
    },
  };
}
