import { setTimeout as delay } from 'node:timers/promises';
import type { ChangeStream, ChangeStreamDocument } from 'mongodb';
import type { Call } from '../../../call.ts';
import { HydrogenError, notSupported } from '../../../errors.ts';
import { decode, encode, fromExtendedJson, stringifyExtendedJson } from '../../../mql/formats.ts';
import { exact } from '../../mongodb/driver.ts';
import { codeOf } from '../../mongodb/errors.ts';
import type { MongoServer } from '../../mongodb/server.ts';
import type { ChangeBatch, Namespace } from '../document-store.ts';
import { requireCollection } from './collections.ts';

/** How long the server waits for changes before it reports that there are none, in ms. */
const awaitMs = 1_000;
/** Maximum number of changes in a batch, and how long they are gathered, in ms. */
const maxIds = 500;
const gatherMs = 200;
/** Minimum interval between requests to a server that does not wait, in ms. */
const minIntervalMs = 250;

/** Time limit for closing a stream, in ms. */
const closeMs = 500;

/**
 * The server does not know the position, or no longer does: InvalidResumeToken, ChangeStreamFatalError, …HistoryLost.
 */
const lostPosition: ReadonlySet<number> = new Set([260, 280, 286]);
/** Only replica sets report changes (40573); other servers do not know the stage. */
const noChanges: ReadonlySet<number> = new Set([40573, 40324, 238, 59]);

interface Opened {
  readonly stream: ChangeStream;
  readonly first: ChangeStreamDocument | null;
  readonly restarted: boolean;
}

async function open(
  server: MongoServer,
  namespace: Namespace,
  after: string | undefined,
  call: Call,
): Promise<Opened> {
  return server.run(call, async (session) => {
    await requireCollection(session, namespace);
    const begin = async (resumeAfter?: unknown): Promise<Opened> => {
      const stream = session.client
        .db(namespace.database)
        .collection(namespace.collection)
        .watch([], { ...exact, maxAwaitTimeMS: awaitMs, ...(resumeAfter !== undefined && { resumeAfter }) });
      try {
        const first = await stream.tryNext();
        return { stream, first, restarted: resumeAfter === undefined };
      } catch (error) {
        await close(stream);
        if (resumeAfter !== undefined && lostPosition.has(codeOf(error))) return begin();
        if (noChanges.has(codeOf(error))) {
          throw notSupported(
            'following a collection of this server',
            'only a replica set reports its changes',
          );
        }
        throw error;
      }
    };
    return begin(after === undefined ? undefined : fromExtendedJson(after));
  });
}

/** Closing notifies the server, which may be gone: nobody must wait for that. */
async function close(stream: ChangeStream): Promise<void> {
  await Promise.race([stream.close().catch(() => {}), delay(closeMs, undefined, { ref: false })]);
}

function idOf(change: ChangeStreamDocument): unknown[] {
  return 'documentKey' in change ? [change.documentKey._id] : [];
}

/** The collection was dropped or renamed: its stream ends, and everything known about it is void. */
const ends = ({ operationType }: ChangeStreamDocument): boolean =>
  ['drop', 'rename', 'dropDatabase', 'invalidate'].includes(operationType);

const positionOf = (stream: ChangeStream): string =>
  stringifyExtendedJson(stream.resumeToken ?? {}, { relaxed: false });

/** Converts the driver's values to ours. */
const toOurValues = (ids: readonly unknown[]): unknown[] => decode(encode({ ids }))['ids'] as unknown[];

/** The changes that arrive within a short time, and whether the stream ends with them. */
async function gather(server: MongoServer, stream: ChangeStream, call: Call) {
  const ids: unknown[] = [];
  const until = Date.now() + gatherMs;
  let ended = false;
  do {
    const requestedAt = Date.now();
    const change: ChangeStreamDocument | null = await server.run(call, () => stream.tryNext());
    if (!change) {
      const early = minIntervalMs - (Date.now() - requestedAt);
      if (early > 0 && ids.length === 0) await delay(early, undefined, { ref: false });
      break;
    }
    ended = ends(change);
    ids.push(...idOf(change));
  } while (!ended && ids.length < maxIds && Date.now() < until);
  return { ids, ended };
}

/** The changes of a collection, from the server's change stream. */
export async function* follow(
  server: MongoServer,
  namespace: Namespace,
  after: string | undefined,
  call: Call,
): AsyncGenerator<ChangeBatch> {
  const { first, restarted, ...opened } = await open(server, namespace, after, call);
  let { stream } = opened;
  try {
    yield { ids: toOurValues(first ? idOf(first) : []), restarted, position: positionOf(stream) };
    while (!call.signal.aborted) {
      const { ids, ended } = await gather(server, stream, call);
      if (ended) {
        await close(stream);
        ({ stream } = await open(server, namespace, undefined, call));
        yield { ids: [], restarted: true, position: positionOf(stream) };
      } else if (ids.length > 0) {
        yield { ids: toOurValues(ids), restarted: false, position: positionOf(stream) };
      }
    }
  } catch (error) {
    const ended = error instanceof HydrogenError && error.code === 'cancelled' && call.signal.aborted;
    if (!ended) throw error;
  } finally {
    await close(stream);
  }
}
