import type { Verdicts } from '../../journal/types.ts';
import type { MongoArea, StoreSession } from '../client.ts';
import { codeOf } from '../errors.ts';
import { collections } from './documents.ts';

interface VerdictDocument {
  readonly _id: string;
  readonly verdict: string;
  readonly keptAt: number;
}

const maxVerdicts = 500;
const repeatable = { repeatable: true };
const all = ({ db }: StoreSession) => db.collection<VerdictDocument>(collections.verdicts);

/** Verdicts on MongoDB, so that a definition is checked once, not once a node. */
export function createVerdicts(area: MongoArea): Verdicts {
  return {
    get: (sha256, call) =>
      area.run(
        call,
        async (session) => (await all(session).findOne({ _id: sha256 }, session.options()))?.verdict,
        repeatable,
      ),
    save: (sha256, verdict, call) =>
      area.run(
        call,
        async (session) => {
          try {
            await all(session).updateOne(
              { _id: sha256 },
              { $set: { verdict, keptAt: Date.now() } },
              { ...session.options(), upsert: true },
            );
          } catch (error) {
            // Another process has just saved the same one.
            if (codeOf(error) !== 11000) throw error;
          }
          const [first] = await all(session)
            .find({}, { ...session.options(), sort: { keptAt: -1 }, skip: maxVerdicts, limit: 1 })
            .toArray();
          if (first) await all(session).deleteMany({ keptAt: { $lte: first.keptAt } }, session.options());
        },
        repeatable,
      ),
  };
}
