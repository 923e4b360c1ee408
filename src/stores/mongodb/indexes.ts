import type { Db, IndexDescription } from 'mongodb';
import { codeOf } from './errors.ts';

/** The indexes of each collection, by its name. */
export type CollectionIndexes = Readonly<Record<string, readonly IndexDescription[]>>;

/**
 * How long an answer is waited for, ms; then the next call asks again. A server goes on with an index of a large
 * collection all the same, and answers when it is there.
 */
const limitMs = 5_000;
/** Another process makes the same collection or index at this moment: NamespaceExists, LockBusy, IndexBuildAborted … */
const busy: ReadonlySet<number> = new Set([46, 48, 112, 276]);
const attempts = 5;

async function make(db: Db, collections: CollectionIndexes): Promise<void> {
  // Not the signal of one call: what it began serves all calls that wait for it.
  const signal = AbortSignal.timeout(limitMs);
  for (const [name, indexes] of Object.entries(collections)) {
    if (indexes.length === 0) continue;
    for (let attempt = 1; ; attempt++) {
      try {
        await db.command({ createIndexes: name, indexes: indexes.map(withName) }, { signal });
        break;
      } catch (error) {
        if (!busy.has(codeOf(error)) || attempt === attempts) throw error;
      }
    }
  }
}

/** The name that a driver gives. */
function withName(index: IndexDescription): IndexDescription {
  const parts = Object.entries(index.key).map(([field, direction]) => `${field}_${direction}`);
  return { ...index, name: index.name ?? parts.join('_') };
}

/** Makes what is missing, once for all who ask; after a failure, the next who asks. */
export function createIndexes(collections: CollectionIndexes): { ensure(db: Db): Promise<void> } {
  let ready: Promise<void> | undefined;
  return {
    ensure(db) {
      ready ??= make(db, collections).catch((error: unknown) => {
        ready = undefined;
        throw error;
      });
      return ready;
    },
  };
}
