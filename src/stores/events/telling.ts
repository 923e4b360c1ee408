import type { Logger } from 'pino';
import type { Catalog } from '../index/types.ts';
import type { Journal } from '../journal/types.ts';
import type { Change, Events } from './events.ts';

/** Tells a change. Returns at once and never fails. */
type Tell = (change: Change) => void;

export function createTell(events: Events, log: Logger): Tell {
  return (change) =>
    void events.publish(change).catch((err: unknown) => log.warn({ err }, 'a change could not be told'));
}

/** Does work, and tells afterwards: what has failed may have been made nevertheless. */
async function thenTell<T>(work: Promise<T>, tell: () => void): Promise<T> {
  try {
    return await work;
  } finally {
    tell();
  }
}

/** The same catalog, which tells that the library has changed. */
export function tellingCatalog(catalog: Catalog, tell: Tell): Catalog {
  const changed = (): void => tell({ type: 'library.changed' });
  return {
    ...catalog,
    upsert: (...args) => thenTell(catalog.upsert(...args), changed),
    remove: (...args) => thenTell(catalog.remove(...args), changed),
    forget: (...args) => thenTell(catalog.forget(...args), changed),
    removeSource: (...args) => thenTell(catalog.removeSource(...args), changed),
    trackPaths: (...args) => thenTell(catalog.trackPaths(...args), changed),
  };
}

/** The same journal, which tells of which runs something has changed. */
export function tellingJournal(journal: Journal, tell: Tell): Journal {
  const changed = (run: string) => (): void => tell({ type: 'run.changed', subject: run });
  return {
    ...journal,
    create: (run, call) => thenTell(journal.create(run, call), changed(run.id)),
    async claim(claim, call) {
      const claimed = await journal.claim(claim, call);
      if (claimed) changed(claimed.run.id)();
      return claimed;
    },
    record: (lease, ...args) => thenTell(journal.record(lease, ...args), changed(lease.run)),
    finish: (lease, ...args) => thenTell(journal.finish(lease, ...args), changed(lease.run)),
    release: (lease, ...args) => thenTell(journal.release(lease, ...args), changed(lease.run)),
    requestCancel: (id, call) => thenTell(journal.requestCancel(id, call), changed(id)),
    async erase(...args) {
      const erased = await journal.erase(...args);
      for (const id of erased.ids) changed(id)();
      return erased;
    },
  };
}
