import type { Journal } from '../journal/types.ts';
import type { WakeUps } from './wake-ups.ts';

/** The same journal, which wakes a node when there is a run to execute: a new one, or one that waits for a time. */
export function wakingJournal(journal: Journal, { wake }: WakeUps): Journal {
  return {
    ...journal,
    async create(run, call) {
      const created = await journal.create(run, call);
      // Not waited for: whoever has journaled it looks for runs, too.
      if (created.created) void wake(run.id);
      return created;
    },
    async release(lease, until, call) {
      await journal.release(lease, until, call);
      void wake(lease.run, until);
    },
    async requestCancel(id, call) {
      const run = await journal.requestCancel(id, call);
      if (run?.state === 'pending') void wake(id);
      return run;
    },
  };
}
