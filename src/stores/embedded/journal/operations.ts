import { leaseOperations } from './leases.ts';
import { runOperations } from './runs.ts';
import { verdictOperations } from './verdicts.ts';

export const journalOperations = { ...runOperations, ...leaseOperations, ...verdictOperations };
