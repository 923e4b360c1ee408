import { parentPort, workerData } from 'node:worker_threads';
import { HydrogenError } from '../../errors.ts';
import { reportMatches } from '../../mql/values/regex-watch.ts';
import { withLock } from './connection.ts';
import { failureOf } from './failure.ts';
import {
  endRequest,
  filesMoved,
  openRequest,
  type Reply,
  type Request,
  readyMessage,
  type ThreadData,
} from './messages.ts';
import { type Opened, openStore } from './opened.ts';
import type { Operations, Session } from './operation.ts';
import { storeOperations } from './operations.ts';

// The entry point of a store thread: it answers one request after another on its own connection.

const { file, lane, shared } = workerData as ThreadData;
const port = parentPort;
if (!port) throw new Error('A store thread must be started as a worker.');

/** Opened with the first request, which is then told if it cannot be. */
let opened: Opened | undefined;
const memory = new Map<string, unknown>();
const registry: Operations = storeOperations;

const rowsPerClock = 64;

reportMatches(shared.subarray(1));

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
    const mayMake = name === openRequest;
    opened ??= openStore(file, lane, mayMake, turn);
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

port.on('message', (message: Request | typeof endRequest) => {
  if (message !== endRequest) {
    port.postMessage(answer(message));
    return;
  }
  opened?.close();
  port.close();
});
port.postMessage(readyMessage);
