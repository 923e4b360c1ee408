import type { Journal, Verdicts } from '../../journal/types.ts';
import type { StoreFile } from '../engine/store-file.ts';

const anyUnfinished = "SELECT 1 FROM runs WHERE state IN ('pending', 'running') LIMIT 1";

/** The journal in the store file, shared by every process on the data directory. */
export function createEmbeddedJournal(file: StoreFile): Journal {
  return {
    create: (run, call) => file.run('write', 'journal.create', run, call),
    get: (id, call) => file.run('light', 'journal.get', id, call),
    steps: (id, call) => file.run('light', 'journal.steps', id, call),
    results: (id, call) => file.run('light', 'journal.results', id, call),
    recent: (query, call) => file.run('light', 'journal.recent', query, call),
    async unfinished(call) {
      // Asked again and again, also when nothing happens: mostly a glance is enough.
      if (!file.glance(anyUnfinished)) return { pending: 0, leases: [] };
      return file.run('light', 'journal.unfinished', null, call);
    },
    claim: (claim, call) => file.run('write', 'journal.claim', claim, call),
    renew: (leases, leaseMs, call) => file.run('write', 'journal.renew', { leases, leaseMs }, call),
    record: (lease, steps, call) => file.run('write', 'journal.record', { lease, steps }, call),
    finish: (lease, end, call) => file.run('write', 'journal.finish', { lease, ...end }, call),
    release: (lease, call) => file.run('write', 'journal.release', lease, call),
    requestCancel: (id, call) => file.run('write', 'journal.requestCancel', id, call),
  };
}

/** Verdicts in the store file, so that a definition is checked once, not once a process. */
export function createEmbeddedVerdicts(file: StoreFile): Verdicts {
  return {
    get: (sha256, call) => file.run('light', 'verdicts.get', sha256, call),
    keep: (sha256, verdict, call) => file.run('write', 'verdicts.keep', { sha256, verdict }, call),
  };
}
