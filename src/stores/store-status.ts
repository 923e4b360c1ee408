import type { Call } from '../call.ts';

/** Sizes in bytes. */
export interface FileStatistics {
  readonly bytes: number;
  readonly freeBytes: number;
  /** The number of the file's format. */
  readonly format: number;
}

/** What happened to the store file while the process ran. */
export interface StoreEvent {
  /** `replaced`: by another one; `anew`: with its directory, where an empty one was begun; `log`: only its log is another. */
  readonly kind: 'replaced' | 'anew' | 'log';
  readonly at: Date;
}

/** What health says of the embedded store. */
export interface StoreStatus {
  statistics(call: Call): Promise<FileStatistics>;
  /** What happened to the file last while this process ran; undefined when it is the one that was opened first. */
  event(): StoreEvent | undefined;
}
