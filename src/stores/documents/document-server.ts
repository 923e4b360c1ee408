import type { Call } from '../../call.ts';
import type { DocumentStore } from './document-store.ts';

/** One configured server. */
export interface DocumentServerSettings {
  readonly name: string;
  /** Where the connection string is set; used in messages. */
  readonly setting: string;
  /** Never shown anywhere. */
  readonly url: string;
  /** Refuses every write on this connection, whatever else is enabled. */
  readonly readOnly: boolean;
  /** Overrides the connection string. */
  readonly readPreference?: 'primary' | 'primaryPreferred' | 'secondary' | 'secondaryPreferred' | 'nearest';
  /** How long a call waits for a server that does not answer, in ms. */
  readonly timeoutMs: number;
  /** Maximum number of concurrent connections; overrides the connection string. */
  readonly maxPoolSize?: number;
  /** Called with every command that is sent: its name, database and the command itself. */
  readonly observe?: (name: string, database: string, command: Record<string, unknown>) => void;
}

/**
 * What the server's user could change there, whatever this server's settings say. `anybody`: the server asks nobody who
 * they are. `unknown`: the server does not tell.
 */
export type WriteAccess =
  | { readonly kind: 'some'; readonly places: readonly string[] }
  | { readonly kind: 'none' | 'anybody' | 'unknown' };

/** A document store that is a separate server. */
export interface DocumentServer extends DocumentStore {
  /** Round trip to the server, in ms; connects if necessary. */
  ping(call: Call): Promise<number>;
  writeAccess(call: Call): Promise<WriteAccess>;
  /** From the next call on by another connection string; what is in progress is completed by the one of before. */
  reconnect(url: string): Promise<void>;
  close(): Promise<void>;
}

/** Creates the store for a server; does not connect before the first call. */
export type ConnectDocumentServer = (settings: DocumentServerSettings) => DocumentServer;
