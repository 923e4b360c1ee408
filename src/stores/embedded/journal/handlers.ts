import { claim, finish, record, release, renew } from './leases.ts';
import { create, findRun, recent, requestCancel, results, steps, unfinished } from './runs.ts';
import { findVerdict, keepVerdict } from './verdicts.ts';

export const journalHandlers = {
  create,
  get: findRun,
  steps,
  results,
  recent,
  unfinished,
  requestCancel,
  claim,
  renew,
  record,
  finish,
  release,
};

export const verdictHandlers = { get: findVerdict, keep: keepVerdict };
