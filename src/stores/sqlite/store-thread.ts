import type { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { HydrogenError } from '../../errors.ts';
import { reportMatches } from '../../mql/values/regex-watch.ts';
import { openConnection, withLock } from './connection.ts';
import { failureOf } from './failure.ts';
import {
  endRequest,
  openRequest,
  type Reply,
  type Request,
  readyMessage,
  type ThreadData,
} from './messages.ts';
import { migrate } from './migrations.ts';
import type { Operations, Session } from './operation.ts';
import { storeOperations } from './operations.ts';

// The entry point of a store thread: it answers one request after another on its own connection.

const { file, lane, shared } = workerData as ThreadData;
const port = parentPort;
if (!port) throw new Error('A store thread must be started as a worker.');

/** Opened with the first request, which is then told if it cannot be. */
let connection: DatabaseSync | undefined;
const memory = new Map<string, unknown>();
const registry: Operations = storeOperations;
let prepared = false;

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

/** WAL is a property of the file; the lane that may write sets it, and brings the file to this format. */
function prepare(db: DatabaseSync, tick: () => void): void {
  if (prepared || lane !== 'write') return;
  withLock(tick, () => db.exec('PRAGMA journal_mode = WAL'));
  withLock(tick, () => migrate(db));
  prepared = true;
}

function transaction<T>(db: DatabaseSync, tick: () => void, work: () => T): T {
  withLock(tick, () => db.exec(lane === 'write' ? 'BEGIN IMMEDIATE' : 'BEGIN'));
  try {
    const result = work();
    // The caller has been told, or is about to be, that it was stopped.
    if (lane === 'write') tick();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function answer(request: Request): Reply {
  const { id, name, args } = request;
  const run = registry[name];
  try {
    const tick = ticker(request, rowsPerClock);
    const turn = ticker(request, 1);
    turn();
    connection ??= openConnection(file, lane);
    const db = connection;
    prepare(db, turn);
    if (name === openRequest) return { id, result: null };
    if (!run) throw new Error(`unknown store operation ${name}`);
    const session: Session = {
      db,
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
    return { id, result: transaction(db, turn, () => run(session, args)) };
  } catch (error) {
    return { id, error: failureOf(error) };
  }
}

port.on('message', (message: Request | typeof endRequest) => {
  if (message !== endRequest) {
    port.postMessage(answer(message));
    return;
  }
  connection?.close();
  port.close();
});
port.postMessage(readyMessage);
