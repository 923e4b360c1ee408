import type { Call } from '../call.ts';

/** Sizes in bytes. */
export interface FileStatistics {
  readonly bytes: number;
  readonly freeBytes: number;
  /** The version of the file's format. */
  readonly format: number;
  /** Whether writes go to a log first, so that nobody who reads waits for them; some file systems cannot have one. */
  readonly hasLog: boolean;
}

/** A copy of the store, as it was at one moment. */
export interface FileSnapshot {
  /** The version of the file's format. */
  readonly format: number;
  /** How many rows each table has. */
  readonly rows: Readonly<Record<string, number>>;
}

/** What happened to the store file while the process ran. */
export interface StoreEvent {
  /**
   * `replaced`: by another file; `anew`: with its directory, where an empty one was created; `log`: only its log is a
   * different one.
   */
  readonly kind: 'replaced' | 'anew' | 'log';
  readonly at: Date;
}

/** The embedded store as reported by health, and watched for changes. */
export interface StoreStatus {
  statistics(call: Call): Promise<FileStatistics>;
  /**
   * The last event for the store file while this process ran; undefined when it is still the file that was opened
   * first.
   */
  event(): StoreEvent | undefined;
  /** Differs after a change, whichever process made it; cheap enough to be asked every second. */
  changeMark(): Promise<string>;
}

/** A server that holds data of this one, as reported by health. */
export interface ServerStatus {
  /** What health calls it: `connection sales`. */
  readonly name: string;
  /** What it is, and where in it the data is: `MongoDB server, database "sales"`. */
  readonly where: string;
  /** What does not work without it: `connection "sales"`. */
  readonly of: string;
  /** A round trip, in ms. @throws HydrogenError `unavailable` with advice */
  ping(call: Call): Promise<number>;
}
