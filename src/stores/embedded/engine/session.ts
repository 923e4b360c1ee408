import type { DatabaseSync } from 'node:sqlite';

/**
 * A handler's context on its thread. `tick` must be called wherever every row or step passes: it throws once the call
 * is cancelled or late, which is the only way to stop a scan.
 */
export interface Session {
  readonly db: DatabaseSync;
  readonly tick: () => void;
  /** Reports progress to the caller. */
  readonly progress: (done: number, total?: number, message?: string) => void;
  /** What this thread caches between calls; the file remains the source of truth. */
  readonly memory: Map<string, unknown>;
}
