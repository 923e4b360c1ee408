import type { Call } from '../../call.ts';
import type { DocumentStore } from './document-store.ts';

/** One configured server. */
export interface DocumentServerSettings {
  readonly name: string;
  /** Where the connection string is set, for messages. */
  readonly setting: string;
  /** Never shown anywhere. */
  readonly url: string;
  /** Refuses every write on this connection, whatever else is enabled. */
  readonly readOnly: boolean;
  /** Instead of what the connection string says. */
  readonly readPreference?: 'primary' | 'primaryPreferred' | 'secondary' | 'secondaryPreferred' | 'nearest';
  /** How long a call waits for a server that does not answer, ms. */
  readonly timeoutMs: number;
  /** Most connections at a time, instead of the connection string's. */
  readonly maxPoolSize?: number;
  /** Is told of every command that is sent: its name, database and the command itself. */
  readonly observe?: (name: string, database: string, command: Record<string, unknown>) => void;
}

/** A store of documents that is a server of its own. */
export interface DocumentServer extends DocumentStore {
  /** Round trip to the server, ms; connects when it is not connected. */
  ping(call: Call): Promise<number>;
  close(): Promise<void>;
}

/** Makes the store of a server; nothing is connected to before the first call. */
export type ConnectDocumentServer = (settings: DocumentServerSettings) => DocumentServer;
