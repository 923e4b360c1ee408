import { getHeapStatistics } from 'node:v8';
import { parentPort, threadId, workerData } from 'node:worker_threads';
import type { Progress } from '../../../call.ts';
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

/** What a store thread needs to know about the stored data. */
export interface StoreProgram {
  readonly migrations: readonly Migration[];
  /** By the names of their operations. */
  readonly handlers: Handlers;
  /** Receives the shared number that reports a match of a regular expression, which may never end (`lane.ts`). */
  readonly reportMatches: (place: Int32Array) => void;
  /** Receives a function to call before taking a lot of memory. */
  readonly waitBeforeLarge: (wait: () => void) => void;
}

const rowsPerClock = 64;
/** How often a long operation says how far it is, ms. */
const tellEveryMs = 2_000;
/** Heap size in bytes; typical queries need 25 MB. */
const heavyBytes = 64 * 2 ** 20;

/** SQLite's code for a file that is no longer at its path, which it notices when it has no log. */
const readOnlySinceMoved = 1032;

/** Writes to a file that is deleted or replaced are lost, so the path is checked before and after each commit. */
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
      // The caller has been, or is about to be, told that the job was stopped.
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

/** Serves this thread, started by `startStoreThread`: one request after another on its own connection. */
export function serveStore(program: StoreProgram): void {
  const port = parentPort;
  if (!port) throw new Error('A store thread must be started as a worker.');
  const { file, lane, shared, largeTurn } = workerData as ThreadData;
  const { migrations, reportMatches, waitBeforeLarge } = program;
  const handlers: Handlers = { ...program.handlers, ...handlersOf(fileOperations, fileHandlers) };
  /** Opened with the first request, so that this request receives any error. */
  let opened: Opened | undefined;
  const memory = new Map<string, unknown>();

  reportMatches(shared.subarray(1));

  /** Checks the clock and whether the current request was cancelled. */
  let turnOfRequest = (): void => {};
  // Not on the write lane, whose lock would block everyone else while it waits.
  if (lane !== 'write') waitBeforeLarge(() => takeLargeTurn(largeTurn, threadId, () => turnOfRequest()));

  /**
   * @param every check the clock only once in this many calls
   * @param tell says from time to time how many calls there were
   */
  function ticker(request: Request, every: number, tell?: (calls: number) => void): () => void {
    let calls = 0;
    let tellAt = Date.now() + tellEveryMs;
    return () => {
      if (Atomics.load(shared, 0) !== 0) throw callCancelled();
      if (calls++ % every !== 0) return;
      const now = Date.now();
      if (now > request.deadline) throw callLate();
      if (now < tellAt) return;
      tellAt = now + tellEveryMs;
      tell?.(calls);
    };
  }

  /** Whether the job was not done because the files at the paths are not those that are open. */
  function isMoved(error: unknown): boolean {
    if (error === filesMoved) return true;
    if (!(error instanceof Error && 'errcode' in error)) return false;
    return error.errcode === readOnlySinceMoved || (opened !== undefined && !opened.isInPlace());
  }

  function answer(request: Request): ThreadReply {
    const { name, args } = request;
    try {
      const report = (progress: Progress): void => port?.postMessage({ progress });
      /** Whether the operation says itself how far it is. */
      let isTold = false;
      const tick = ticker(request, rowsPerClock, (done) => {
        if (!isTold) report({ done, message: `${done.toLocaleString('en')} entries looked at` });
      });
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
        progress(done, total, message) {
          isTold = true;
          report({
            done,
            ...(total !== undefined && { total }),
            ...(message !== undefined && { message }),
          });
        },
      };
      const work = (): unknown => handler(session, ...(args as never[]));
      return { result: transaction(opened, lane === 'write', turn, work) };
    } catch (error) {
      if (isMoved(error)) return { moved: true };
      return { error: failureOf(error, file) };
    }
  }

  /**
   * V8 only returns memory while it produces garbage, which a waiting thread does not. The index thread has caches that
   * are worth their memory.
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
