import { leaseHandlers } from './leases.ts';
import { runHandlers } from './runs.ts';
import { verdictHandlers } from './verdicts.ts';

export const journalHandlers = { ...runHandlers, ...leaseHandlers, ...verdictHandlers };
