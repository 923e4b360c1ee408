import { setTimeout as delay } from 'node:timers/promises';
import { systemCall } from '../../../call.ts';
import { settledWithin } from '../../../ending.ts';
import { HydrogenError } from '../../../errors.ts';
import type { Logger } from '../../../observability/log.ts';
import {
  type KeyArchive,
  type KeyRing,
  type Keys,
  newKey,
  overlap,
  type SigningKey,
} from '../../../policy/signing.ts';
import type { MongoStore, StoreSession } from '../client.ts';
import { codeOf } from '../errors.ts';

/** All keys are one document, so that a rotation is one compare-and-set. */
interface KeysDocument {
  readonly _id: string;
  readonly revision: number;
  /** Newest first. */
  readonly keys: readonly StoredKey[];
}

interface StoredKey {
  readonly id: string;
  /** Base64. */
  readonly secret: string;
  /** From when on it signs, ms since the epoch: by then every node has read it. */
  readonly signsFrom: number;
}

interface KeyRingOptions {
  /** For how long the keys are used that were read, ms. */
  readonly cacheMs?: number;
  /** How long a new key waits before it signs, ms; longer than nodes remember keys, and than their clocks differ. */
  readonly announceMs?: number;
}

const collection = 'keys';
const id = 'signing';
/** How long the server may take, ms: it is asked for two small documents at most. */
const limitMs = 5_000;
/** How long a call waits for them where there are earlier ones, ms. */
const patienceMs = 500;
const slow = new Error('no answer yet');
const maxAttempts = 20;

const rings = ({ db }: StoreSession) => db.collection<KeysDocument>(collection);

const stored = ({ id: name, secret }: SigningKey, signsFrom: number): StoredKey => ({
  id: name,
  secret: secret.toString('base64'),
  signsFrom,
});

const keyOf = ({ id: name, secret }: StoredKey): SigningKey => ({
  id: name,
  secret: Buffer.from(secret, 'base64'),
});

/** What signs first, then what will, then what did. */
function keysOf({ keys }: KeysDocument): Keys {
  const now = Date.now();
  const announced = keys.filter(({ signsFrom }) => signsFrom > now);
  // The one that signs, and so many that did: after several rotations in a row, the rest end when the last one signs.
  const active = keys.filter(({ signsFrom }) => signsFrom <= now).slice(0, 1 + overlap);
  // With a clock far behind all are announced: the one that was first.
  const [first, ...rest] = [...active, ...announced.reverse()].map(keyOf);
  if (first && first.secret.length >= 32) return [first, ...rest];
  throw new HydrogenError(
    'unavailable',
    `The keys of this server, in the collection "${collection}" on the server of mongodbUrl, are damaged. Delete the document "${id}" there to get a new key: old cursors then expire.`,
  );
}

/**
 * The keys on MongoDB, the same for every node. They are read at most once in `cacheMs`; while the server is away, those
 * that were read last are used. A new key verifies at once and signs a little later, when every node has read it: what one
 * node signs, any other accepts.
 */
export function createMongoKeyRing(
  store: MongoStore,
  log: Logger,
  { cacheMs = 1_000, announceMs = 10_000 }: KeyRingOptions = {},
): KeyRing {
  const area = store.area({});
  let last: KeysDocument | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let underWay: Promise<KeysDocument> | undefined;
  let isAway = false;

  const withServer = <T>(work: (session: StoreSession) => Promise<T>): Promise<T> =>
    area.run(systemCall(log, { limitMs }), work, { repeatable: true });

  async function read(session: StoreSession): Promise<KeysDocument> {
    const found = await rings(session).findOne({ _id: id }, session.options());
    if (found) return found;
    const made: KeysDocument = { _id: id, revision: 1, keys: [stored(newKey(), 0)] };
    try {
      await rings(session).insertOne(made, session.options());
      return made;
    } catch (error) {
      if (codeOf(error) !== 11000) throw error;
    }
    // Another node was faster, or an earlier attempt. A majority may not have it yet.
    await delay(20, undefined, { signal: session.options().signal });
    return read(session);
  }

  function keep(document: KeysDocument): KeysDocument {
    if (isAway) log.info('the keys on MongoDB are read again');
    isAway = false;
    last = document;
    lookedAt = performance.now();
    return document;
  }

  /** One look for all who wait. */
  function look(): Promise<KeysDocument> {
    underWay ??= withServer(read)
      .then(keep)
      .finally(() => {
        underWay = undefined;
      });
    return underWay;
  }

  /** The last keys, where there are any; said once. */
  function withLast(error: unknown): KeysDocument {
    if (!last) throw error;
    if (!isAway)
      log.warn({ err: error }, 'the keys on MongoDB cannot be read; those that were read last are used');
    isAway = true;
    lookedAt = performance.now();
    return last;
  }

  async function rotated(session: StoreSession, key: SigningKey): Promise<KeysDocument> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const before = await read(session);
      // An earlier attempt, whose answer was lost.
      if (before.keys.some((known) => known.id === key.id)) return before;
      const now = Date.now();
      // Those that do not sign yet and the one that does are never dropped, and so many that did.
      const current = before.keys.findIndex(({ signsFrom }) => signsFrom <= now);
      const kept = before.keys.slice(0, Math.max(current, 0) + overlap);
      const after: KeysDocument = {
        _id: id,
        revision: before.revision + 1,
        keys: [stored(key, now + announceMs), ...kept],
      };
      const { matchedCount } = await rings(session).replaceOne(
        { _id: id, revision: before.revision },
        after,
        session.options(),
      );
      if (matchedCount === 1) return after;
    }
    throw new HydrogenError('conflict', 'The keys were changed by others again and again. Try again.');
  }

  return {
    async current() {
      if (last && performance.now() - lookedAt < cacheMs) return keysOf(last);
      const looking = look();
      const settled = looking.catch(() => {});
      const isSlow = last && !(await settledWithin(patienceMs, settled));
      return keysOf(isSlow ? withLast(slow) : await looking.catch(withLast));
    },
    async rotate() {
      const key = newKey();
      const { keys } = keep(await withServer((session) => rotated(session, key)));
      const [first, ...rest] = keys.map(keyOf);
      if (!first) throw new Error('a rotation left no key');
      return [first, ...rest];
    },
  };
}

/** The keys on MongoDB, to be taken elsewhere and back. */
export function createMongoKeyArchive(store: Pick<MongoStore, 'area'>): KeyArchive {
  const area = store.area({});
  const repeatable = { repeatable: true };
  return {
    read: (call) =>
      area.run(
        call,
        async (session) => {
          const found = await rings(session).findOne({ _id: id }, session.options());
          return found ? keysOf(found) : undefined;
        },
        repeatable,
      ),
    write: (keys, call) =>
      area.run(
        call,
        async (session) => {
          await rings(session).updateOne(
            { _id: id },
            // They have signed elsewhere already: there is nobody to wait for.
            { $set: { keys: keys.map((key) => stored(key, 0)) }, $inc: { revision: 1 } },
            { ...session.options(), upsert: true },
          );
        },
        repeatable,
      ),
  };
}
