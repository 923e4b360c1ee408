import { join } from 'node:path';
import type { Call } from '../../call.ts';
import { openDataDirectory } from '../data-directory.ts';
import { currentFormat } from './format.ts';
import { glance } from './glance.ts';
import { createLane } from './lane.ts';
import { openRequest } from './messages.ts';
import type { Lane } from './operation.ts';
import type { StoreOperations } from './operations.ts';

type Args<Name extends keyof StoreOperations> = Parameters<StoreOperations[Name]>[1];
type Result<Name extends keyof StoreOperations> = ReturnType<StoreOperations[Name]>;

/** A thread costs about 20 MB and starts in 40 ms. */
const idleMs = 10_000;
/** The index thread has a cache to lose, which takes seconds to fill at 60,000 passages. */
const indexIdleMs = 600_000;

/**
 * The one SQLite file of a data directory, which several processes may share. Every operation
 * runs on a store thread and really stops when its call does; the main thread only takes a glance.
 */
export interface StoreFile {
  /**
   * Runs a named operation on a lane.
   * @throws HydrogenError `cancelled`, `timeout`, `unavailable` (the file, a lock), or the operation's own.
   */
  run<Name extends keyof StoreOperations>(
    lane: Lane,
    name: Name,
    args: Args<Name>,
    call: Call,
  ): Promise<Result<Name>>;
  /** Whether a query finds a row, without a thread and without waiting (`glance.ts`); true when unsure. */
  glance(sql: string): boolean;
  /** Creates or migrates the file. Every other operation waits for it; failing, it is tried again. */
  open(call: Call): Promise<void>;
  /** Lets running operations end, cancels those that take longer than a moment, and stops the threads. */
  close(): Promise<void>;
}

/**
 * @param directory the data directory; it is made when it is missing
 * @param readers how many read threads there may be
 */
export function createStoreFile(directory: string, readers: number): StoreFile {
  const file = join(directory, 'hydrogen.sqlite');
  const lanes = {
    read: createLane({ file, lane: 'read' }, readers, idleMs),
    light: createLane({ file, lane: 'light' }, 1, idleMs),
    write: createLane({ file, lane: 'write' }, 1, idleMs),
    index: createLane({ file, lane: 'index' }, 1, indexIdleMs),
  };
  let opened = false;

  async function open(call: Call): Promise<void> {
    if (opened) return;
    await openDataDirectory(directory);
    // A file that is current needs no thread that could write.
    if (!glance(file, currentFormat, false)) await lanes.write.run(openRequest, null, call);
    opened = true;
  }

  return {
    open,
    glance: (sql) => glance(file, sql, true),
    async run(lane, name, args, call) {
      await open(call);
      return (await lanes[lane].run(name, args, call)) as Result<typeof name>;
    },
    async close() {
      await Promise.all(Object.values(lanes).map((lane) => lane.close()));
    },
  };
}
