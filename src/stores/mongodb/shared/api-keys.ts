import { HydrogenError } from '../../../errors.ts';
import type { StoredKey } from '../../../policy/api-keys.ts';
import type { ApiKeys } from '../../api-keys/api-keys.ts';
import type { MongoStore, StoreSession } from '../client.ts';
import { codeOf } from '../errors.ts';

type KeyDocument = Omit<StoredKey, 'id'> & { readonly _id: string };

const collection = 'api_keys';
const repeatable = { repeatable: true };

const all = ({ db }: StoreSession) => db.collection<KeyDocument>(collection);
const keyOf = ({ _id: id, ...rest }: KeyDocument): StoredKey => ({ id, ...rest });

/** The API keys on MongoDB, the same for every node. */
export function createMongoApiKeys(store: Pick<MongoStore, 'area'>): ApiKeys {
  const area = store.area({});

  async function find(session: StoreSession, id: string): Promise<StoredKey | undefined> {
    const found = await all(session).findOne({ _id: id }, session.options());
    return found ? keyOf(found) : undefined;
  }

  return {
    find: (id, call) => area.run(call, (session) => find(session, id), repeatable),
    list: (call) =>
      area.run(
        call,
        async (session) => {
          const found = await all(session)
            .find({}, session.options())
            .sort({ createdAt: 1, _id: 1 })
            .toArray();
          return found.map(keyOf);
        },
        repeatable,
      ),
    add: ({ id, ...rest }, call) =>
      area.run(
        call,
        async (session) => {
          try {
            await all(session).insertOne({ _id: id, ...rest }, session.options());
          } catch (error) {
            if (codeOf(error) !== 11000) throw error;
            // An earlier attempt, whose answer was lost: nobody else has this secret.
            if ((await find(session, id))?.hash === rest.hash) return;
            throw new HydrogenError('conflict', 'There is an API key of that id already. Try again.');
          }
        },
        repeatable,
      ),
    put: ({ id, ...rest }, call) =>
      area.run(
        call,
        async (session) => {
          await all(session).replaceOne({ _id: id }, rest, { ...session.options(), upsert: true });
        },
        repeatable,
      ),
    used: (id, at, call) =>
      area.run(
        call,
        async (session) => {
          await all(session).updateOne({ _id: id }, { $max: { lastUsedAt: at } }, session.options());
        },
        repeatable,
      ),
    revoke: (id, at, call) =>
      area.run(
        call,
        async (session) => {
          const isOpen = { _id: id, revokedAt: { $exists: false } };
          await all(session).updateOne(isOpen, { $set: { revokedAt: at } }, session.options());
          return find(session, id);
        },
        repeatable,
      ),
    rotate: (id, { hash, previousUntil }, call) =>
      area.run(
        call,
        async (session) => {
          for (;;) {
            const key = await find(session, id);
            if (!key || key.revokedAt !== undefined) return undefined;
            // An earlier attempt, whose answer was lost.
            if (key.hash === hash) return key;
            const isSame = { _id: id, hash: key.hash, revokedAt: { $exists: false } };
            const previous = { hash: key.hash, until: previousUntil };
            await all(session).updateOne(isSame, { $set: { hash, previous } }, session.options());
          }
        },
        repeatable,
      ),
  };
}
