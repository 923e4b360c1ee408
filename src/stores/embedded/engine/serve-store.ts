import { getHeapStatistics } from 'node:v8';
import { parentPort, threadId, workerData } from 'node:worker_threads';
import { callCancelled, callLate } from '../../../errors.ts';
import { endMessage, readyMessage } from '../../../workers/handle.ts';
import { withLock } from './connection.ts';
import { failureOf } from './failure.ts';
import { giveLargeTurn, takeLargeTurn } from './large-turn.ts';
import {
  filesMoved,
  heavyMessage,
  openRequest,
  type Request,
  type ThreadData,
  type ThreadReply,
} from './messages.ts';
import type { Migration } from './migrate.ts';
import { type Opened, openStore } from './opened.ts';
import { type Handlers, handlersOf } from './operations.ts';
import type { Session } from './session.ts';
import { fileHandlers, fileOperations } from './statistics.ts';

/** What a store thread has to know of what is stored. */
export interface StoreProgram {
  readonly migrations: readonly Migration[];
  /** By the names of their operations. */
  readonly handlers: Handlers;
  /** Is given the number at which a match of a regular expression is reported, which may never end (`lane.ts`). */
  readonly reportMatches: (place: Int32Array) => void;
  /** Is given what to call before much memory is taken. */
  readonly waitBeforeLarge: (wait: () => void) => void;
}

const rowsPerClock = 64;
/** Bytes of a heap; queries of usual size need 25 MB. */
const heavyBytes = 64 * 2 ** 20;

/** SQLite's code for a file that is not at its path, which it notices where it keeps no log. */
const readOnlySinceMoved = 1032;

/** A file that is deleted or replaced takes what is written into it along: so it is looked at around each commit. */
function transaction<T>(
  { db, assertInPlace, committed }: Opened,
  isWrite: boolean,
  tick: () => void,
  work: () => T,
): T {
  withLock(tick, () => db.exec(isWrite ? 'BEGIN IMMEDIATE' : 'BEGIN'));
  let result: T;
  try {
    assertInPlace();
    result = work();
    if (isWrite) {
      // The caller has been told, or is about to be, that it was stopped.
      tick();
      assertInPlace();
    }
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
  if (isWrite) committed();
  return result;
}

/** Serves this thread, which `startStoreThread` began: one request after another on its own connection. */
export function serveStore(program: StoreProgram): void {
  const port = parentPort;
  if (!port) throw new Error('A store thread must be started as a worker.');
  const { file, lane, shared, largeTurn } = workerData as ThreadData;
  const { migrations, reportMatches, waitBeforeLarge } = program;
  const handlers: Handlers = { ...program.handlers, ...handlersOf(fileOperations, fileHandlers) };
  /** Opened with the first request, which is then told if it cannot be. */
  let opened: Opened | undefined;
  const memory = new Map<string, unknown>();

  reportMatches(shared.subarray(1));

  /** Looks at the clock and at whether the request that runs is cancelled. */
  let turnOfRequest = (): void => {};
  // Not where writes are made, whose lock would keep all others waiting meanwhile.
  if (lane !== 'write') waitBeforeLarge(() => takeLargeTurn(largeTurn, threadId, () => turnOfRequest()));

  /** `every`: how many calls share one look at the clock. */
  function ticker(request: Request, every: number): () => void {
    let calls = 0;
    return () => {
      if (Atomics.load(shared, 0) !== 0) throw callCancelled();
      if (calls++ % every === 0 && Date.now() > request.deadline) throw callLate();
    };
  }

  /** Whether the job was not done because of other files than those that are open. */
  function isMoved(error: unknown): boolean {
    if (error === filesMoved) return true;
    if (!(error instanceof Error && 'errcode' in error)) return false;
    return error.errcode === readOnlySinceMoved || (opened !== undefined && !opened.isInPlace());
  }

  function answer(request: Request): ThreadReply {
    const { name, args } = request;
    try {
      const tick = ticker(request, rowsPerClock);
      const turn = ticker(request, 1);
      turn();
      turnOfRequest = turn;
      const mayMake = name === openRequest;
      opened ??= openStore({ file, lane, migrations }, mayMake, turn);
      if (mayMake) {
        opened.assertInPlace();
        return { result: null };
      }
      const handler = handlers[name];
      if (!handler) throw new Error(`unknown store operation ${name}`);
      const session: Session = {
        db: opened.db,
        tick,
        memory,
        progress: (done, total, message) =>
          port?.postMessage({
            progress: {
              done,
              ...(total !== undefined && { total }),
              ...(message !== undefined && { message }),
            },
          }),
      };
      const work = (): unknown => handler(session, ...(args as never[]));
      return { result: transaction(opened, lane === 'write', turn, work) };
    } catch (error) {
      if (isMoved(error)) return { moved: true };
      return { error: failureOf(error, file) };
    }
  }

  /**
   * V8 gives memory back only as it makes garbage again, which a thread that waits does not. The index thread has its
   * caches, which are worth it.
   */
  function isHeavy(): boolean {
    return lane !== 'index' && getHeapStatistics().total_heap_size > heavyBytes;
  }

  port.on('message', (message: Request | typeof endMessage) => {
    if (message !== endMessage) {
      const reply = answer(message);
      giveLargeTurn(largeTurn, threadId);
      if (isHeavy()) port.postMessage(heavyMessage);
      port.postMessage(reply);
      return;
    }
    opened?.close();
    port.close();
  });
  port.postMessage(readyMessage);
}
