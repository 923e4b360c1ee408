import type { Mailbox } from '../../mailbox.ts';
import type { MongoStore, StoreSession } from '../client.ts';

interface Letter {
  readonly _id: string;
  readonly text: string;
  /** When it was left, by the clock of the node that did. */
  readonly at: Date;
}

const collection = 'mailbox';
/** Nobody waits longer for an answer, ms. */
const keptMs = 60 * 60 * 1_000;

const letters = ({ db }: StoreSession) => db.collection<Letter>(collection);

export function createMongoMailbox(store: MongoStore): Mailbox {
  const area = store.area({ [collection]: [{ key: { at: 1 } }] });
  let cleanedAt = 0;

  async function clean(session: StoreSession): Promise<void> {
    if (Date.now() - cleanedAt < keptMs) return;
    cleanedAt = Date.now();
    await letters(session).deleteMany({ at: { $lt: new Date(Date.now() - keptMs) } }, session.options());
  }

  return {
    async put(key, text, call) {
      await area.run(
        call,
        async (session) => {
          await clean(session);
          const letter = { text, at: new Date() };
          await letters(session).replaceOne({ _id: key }, letter, { ...session.options(), upsert: true });
        },
        { repeatable: true },
      );
    },
    async take(keys, call) {
      return area.run(call, async (session) => {
        const wanted = { _id: { $in: [...keys] } };
        const found = await letters(session).find(wanted, session.options()).toArray();
        const taken = { _id: { $in: found.map(({ _id }) => _id) } };
        if (found.length > 0) {
          // What was found is told, also where it stays: nobody asks for it again, and it is removed when it is old.
          await letters(session)
            .deleteMany(taken, session.options())
            .catch((err: unknown) => session.call.log.debug({ err }, 'a message could not be removed'));
        }
        return new Map(found.map(({ _id, text }) => [_id, text]));
      });
    },
  };
}
