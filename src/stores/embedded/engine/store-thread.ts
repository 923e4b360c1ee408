import { getHeapStatistics } from 'node:v8';
import { parentPort, threadId, workerData } from 'node:worker_threads';
import { HydrogenError } from '../../../errors.ts';
import { reportMatches } from '../../../mql/values/regex-watch.ts';
import { waitBeforeLarge } from '../../../mql/values/size.ts';
import { storeHandlers } from '../handlers.ts';
import { migrations } from '../migrations.ts';
import { withLock } from './connection.ts';
import { failureOf } from './failure.ts';
import { giveLargeTurn, takeLargeTurn } from './large-turn.ts';
import {
  endRequest,
  filesMoved,
  heavyMessage,
  openRequest,
  type Reply,
  type Request,
  readyMessage,
  type ThreadData,
} from './messages.ts';
import { type Opened, openStore } from './opened.ts';
import type { Operations, Session } from './session.ts';

// The entry point of a store thread: it answers one request after another on its own connection.

const { file, lane, shared, largeTurn } = workerData as ThreadData;
const port = parentPort;
if (!port) throw new Error('A store thread must be started as a worker.');

/** Opened with the first request, which is then told if it cannot be. */
let opened: Opened | undefined;
const memory = new Map<string, unknown>();
const registry: Operations = storeHandlers;

const rowsPerClock = 64;
/** Bytes of a heap; queries of usual size need 25 MB. */
const heavyBytes = 64 * 2 ** 20;

reportMatches(shared.subarray(1));

/** Looks at the clock and at whether the request that runs is cancelled. */
let turnOfRequest = (): void => {};
// Not where writes are made, whose lock would keep all others waiting meanwhile.
if (lane !== 'write') waitBeforeLarge(() => takeLargeTurn(largeTurn, threadId, () => turnOfRequest()));

/** `every`: how many calls share one look at the clock. */
function ticker(request: Request, every: number): () => void {
  let calls = 0;
  return () => {
    if (Atomics.load(shared, 0) !== 0) throw new HydrogenError('cancelled', 'The call was cancelled.');
    if (calls++ % every === 0 && Date.now() > request.deadline) {
      throw new HydrogenError('timeout', 'The call took longer than its time limit and was stopped.');
    }
  };
}

/** A file that is deleted or replaced takes what is written into it along: so it is looked at around each commit. */
function transaction<T>({ db, assertInPlace, committed }: Opened, tick: () => void, work: () => T): T {
  withLock(tick, () => db.exec(lane === 'write' ? 'BEGIN IMMEDIATE' : 'BEGIN'));
  let result: T;
  try {
    assertInPlace();
    result = work();
    if (lane === 'write') {
      // The caller has been told, or is about to be, that it was stopped.
      tick();
      assertInPlace();
    }
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
  if (lane === 'write') committed();
  return result;
}

/** SQLite's code for a file that is not at its path, which it notices where it keeps no log. */
const readOnlySinceMoved = 1032;

/** Whether the job was not done because of other files than those that are open. */
function isMoved(error: unknown): boolean {
  if (error === filesMoved) return true;
  if (!(error instanceof Error && 'errcode' in error)) return false;
  return error.errcode === readOnlySinceMoved || (opened !== undefined && !opened.isInPlace());
}

function answer(request: Request): Reply {
  const { id, name, args } = request;
  const run = registry[name];
  try {
    const tick = ticker(request, rowsPerClock);
    const turn = ticker(request, 1);
    turn();
    turnOfRequest = turn;
    const mayMake = name === openRequest;
    opened ??= openStore({ file, lane, migrations }, mayMake, turn);
    if (mayMake) {
      opened.assertInPlace();
      return { id, result: null };
    }
    if (!run) throw new Error(`unknown store operation ${name}`);
    const session: Session = {
      db: opened.db,
      tick,
      memory,
      progress: (done, total, message) =>
        port?.postMessage({
          id,
          progress: {
            done,
            ...(total !== undefined && { total }),
            ...(message !== undefined && { message }),
          },
        }),
    };
    return { id, result: transaction(opened, turn, () => run(session, args)) };
  } catch (error) {
    if (isMoved(error)) return { id, moved: true };
    return { id, error: failureOf(error, file) };
  }
}

/**
 * V8 gives memory back only as it makes garbage again, which a thread that waits does not. The index thread has its
 * caches, which are worth it.
 */
function isHeavy(): boolean {
  return lane !== 'index' && getHeapStatistics().total_heap_size > heavyBytes;
}

port.on('message', (message: Request | typeof endRequest) => {
  if (message !== endRequest) {
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
