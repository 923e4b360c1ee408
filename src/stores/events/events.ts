import type { Call } from '../../call.ts';
import type { BackendState } from '../backend.ts';

/** A change that others should know of. It says that something changed, not how: whoever cares looks at it. */
export type Change =
  /** Documents, sources or passages of the library. */
  | { readonly type: 'library.changed' }
  /** Documents or indexes of a collection on a server. */
  | { readonly type: 'collection.changed'; readonly subject: string; readonly data: ChangedCollection }
  /** The state of a run; the subject is its id. */
  | { readonly type: 'run.changed'; readonly subject: string }
  /** More than could be told one by one, or told in time. */
  | { readonly type: 'everything.changed' };

interface ChangedCollection {
  /** The name of the connection, and what tells its server from others (`serverIdentity`). */
  readonly connection: string;
  readonly server: string;
  readonly database: string;
  readonly collection: string;
  readonly dropped: boolean;
}

export type Handler = (change: Change, origin: { readonly isOwn: boolean }) => void;

/**
 * Tells changes to everybody who shares the events, this process included. It never keeps a call waiting and never fails:
 * where others cannot be told now, they are told later, and whoever was away is told what it missed, or that everything may
 * have changed.
 */
export interface Events {
  /** Resolves at once. Changes of the same thing that were not sent yet become one. */
  publish(change: Change): Promise<void>;
  /** Resolves at once; until `unsubscribe` the handler is called with every change, whoever has made it. */
  subscribe(handler: Handler): Promise<Subscription>;
}

export interface Subscription {
  unsubscribe(): Promise<void>;
}

/** Passes messages on to the other nodes that are there now. It keeps none: what is lost is lost. */
export interface NodeChannel {
  /** Does not wait, and never fails. */
  send(text: string): void;
  /** @returns what ends it */
  receive(handler: (text: string) => void): () => void;
}

/** Events by a server. */
export interface EventsServer extends Events, NodeChannel {
  /** A round trip, in ms. @throws HydrogenError `unavailable` with advice */
  ping(call: Call): Promise<number>;
  /** What the server has last shown of itself. */
  state(): BackendState;
  close(): Promise<void>;
}
