import type { Counters } from '../../policy/counters.ts';
import type { BackendState } from '../backend.ts';

/** Counts on a server that nodes share. */
export interface CountersServer extends Counters {
  /** What the server has last shown of itself. */
  state(): BackendState;
  close(): Promise<void>;
}
