import type { Call } from '../../call.ts';
import type { BackendState } from '../backend.ts';

/**
 * Looks for runs that can be executed, and executes what it can.
 * @returns false where there are some that this node has no room for
 */
export type TakeUp = () => Promise<boolean>;

/**
 * Wakes nodes that execute runs. The journal decides which runs there are and who executes them: what is lost here is found
 * by the nodes' own looks at the journal, only later.
 */
export interface WakeUps {
  /** Wakes one node that has room, now or at `at` (ms since the epoch). Resolves within half a second, and never fails. */
  wake(run: string, at?: number): Promise<void>;
  /** From now on this node may be woken. Resolves at once. */
  onWake(takeUp: TakeUp): Promise<void>;
}

/** Wake-ups by a server. */
export interface WakeUpsServer extends WakeUps {
  /** A round trip, in ms. @throws HydrogenError `unavailable` with advice */
  ping(call: Call): Promise<number>;
  /** What the server has last shown of itself. */
  state(): BackendState;
  /** What makes the server lose wake-ups, in a sentence; undefined where nothing is known to. */
  caveat(): string | undefined;
  close(): Promise<void>;
}
