import type { DatabaseSync } from 'node:sqlite';

/**
 * What an operation works with on its thread. `tick` must be called wherever every row or step passes:
 * it throws once the call is cancelled or late, which is the only way to stop a scan.
 */
export interface Session {
  readonly db: DatabaseSync;
  readonly tick: () => void;
  /** Reports progress to the caller. */
  readonly progress: (done: number, total?: number, message?: string) => void;
  /** What this thread keeps beside the file between calls: a cache of it, never the truth. */
  readonly memory: Map<string, unknown>;
}

/** Runs on a store thread. Arguments and result must survive structured cloning (no class instances). */
// biome-ignore lint/suspicious/noExplicitAny: the bound of a generic registry; each entry is typed
export type Operations = Record<string, (session: Session, args: any) => unknown>;

/**
 * The threads: `read` is a pool of read-only connections for queries, which may be long; `light` is one
 * for what is always short (lists, the journal, statistics) and must not wait behind them; `write` is one thread where each operation is one
 * transaction, `index` one read-only thread that may keep a cache of the search index in memory.
 */
export type Lane = 'read' | 'light' | 'write' | 'index';
