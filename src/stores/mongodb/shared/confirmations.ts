import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { SpentArchive, SpentConfirmations } from '../../../policy/confirmation.ts';
import type { MongoStore, StoreSession } from '../client.ts';
import { codeOf } from '../errors.ts';

interface UsedDocument {
  readonly _id: string;
  /** Which use it was: one whose answer was lost is known again by it. */
  readonly use: string;
  readonly expires: number;
}

const collection = 'used_confirmations';
/** How long a document is kept after its confirmation has expired, ms: a clock may be set back in the meantime. */
const retentionMs = 24 * 60 * 60 * 1_000;
/** How often a process looks for those that may go, ms. */
const cleanEveryMs = 60 * 60 * 1_000;

const used = ({ db }: StoreSession) => db.collection<UsedDocument>(collection);

/** The confirmations that were used, known to every node: of all that insert one nonce, the server lets one. */
export function createMongoConfirmations(store: Pick<MongoStore, 'area'>): SpentConfirmations & SpentArchive {
  const area = store.area({ [collection]: [{ key: { expires: 1 } }] });
  let cleanedAt = 0;

  async function clean(session: StoreSession): Promise<void> {
    if (Date.now() - cleanedAt < cleanEveryMs) return;
    cleanedAt = Date.now();
    await used(session).deleteMany({ expires: { $lt: Date.now() - retentionMs } }, session.options());
  }

  return {
    unexpired: (call) =>
      area.run(
        call,
        async (session) => {
          const found = await used(session)
            .find({ expires: { $gte: Date.now() } }, session.options())
            .toArray();
          return found.map(({ _id: nonce, expires }) => ({ nonce, expires }));
        },
        { repeatable: true },
      ),
    async use(nonce, expires, call) {
      const use = randomUUID();
      return area.run(
        call,
        async (session) => {
          await clean(session);
          try {
            await used(session).insertOne({ _id: nonce, use, expires }, session.options());
            return true;
          } catch (error) {
            if (codeOf(error) !== 11000) throw error;
          }
          // A majority may not have the first one yet.
          for (;;) {
            const first = await used(session).findOne({ _id: nonce }, session.options());
            if (first) return first.use === use;
            await delay(20, undefined, { signal: session.options().signal });
          }
        },
        { repeatable: true },
      );
    },
  };
}
