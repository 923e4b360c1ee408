import { loadedOnce } from '../../../loaded-once.ts';
import type { Journal, Verdicts } from '../../journal/types.ts';
import type { MongoStore } from '../client.ts';

/** The journal and the verdicts of `journal.ts`, loaded at the first call. */
export function lazyMongoJournal(store: MongoStore): {
  readonly journal: Journal;
  readonly verdicts: Verdicts;
} {
  const { get: loaded } = loadedOnce(async () => {
    const { createMongoJournal, createMongoVerdicts } = await import('./journal.ts');
    return { journal: createMongoJournal(store), verdicts: createMongoVerdicts(store) };
  });
  const journal = async (): Promise<Journal> => (await loaded()).journal;
  const verdicts = async (): Promise<Verdicts> => (await loaded()).verdicts;
  return {
    journal: {
      create: async (...args) => (await journal()).create(...args),
      get: async (...args) => (await journal()).get(...args),
      steps: async (...args) => (await journal()).steps(...args),
      recent: async (...args) => (await journal()).recent(...args),
      unfinished: async (...args) => (await journal()).unfinished(...args),
      claim: async (...args) => (await journal()).claim(...args),
      renew: async (...args) => (await journal()).renew(...args),
      journaled: async (...args) => (await journal()).journaled(...args),
      record: async (...args) => (await journal()).record(...args),
      finish: async (...args) => (await journal()).finish(...args),
      release: async (...args) => (await journal()).release(...args),
      requestCancel: async (...args) => (await journal()).requestCancel(...args),
      count: async (...args) => (await journal()).count(...args),
      erase: async (...args) => (await journal()).erase(...args),
    },
    verdicts: {
      get: async (...args) => (await verdicts()).get(...args),
      save: async (...args) => (await verdicts()).save(...args),
    },
  };
}
