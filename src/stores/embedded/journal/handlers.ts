import { count, erase } from './erasure.ts';
import { claim, finish, record, release, renew } from './leases.ts';
import { create, findRun, journaled, recent, requestCancel, steps, unfinished } from './runs.ts';
import { findVerdict, saveVerdict } from './verdicts.ts';

export { journalArchiveHandlers } from './archive.ts';

export const journalHandlers = {
  create,
  get: findRun,
  steps,
  journaled,
  recent,
  unfinished,
  requestCancel,
  claim,
  renew,
  record,
  finish,
  release,
  count,
  erase,
};

export const verdictHandlers = { get: findVerdict, save: saveVerdict };
