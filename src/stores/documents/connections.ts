import type { Call } from '../../call.ts';
import { HydrogenError } from '../../errors.ts';
import { similarNames } from '../../similar-names.ts';
import type { Descriptions, ServerIdentity } from './descriptions.ts';
import type { WriteAccess } from './document-server.ts';
import type { DocumentStore } from './document-store.ts';

/** A document store under the name by which a caller chooses it. */
export interface Connection {
  readonly name: string;
  readonly kind: 'embedded' | 'mongodb';
  readonly store: DocumentStore;
  /** What its collections look like, where it need not be of this moment. */
  readonly descriptions: Descriptions;
  /** The database for calls that name none. */
  readonly database?: string;
  /** Whether its user could write all the same; present where the settings say that nothing is to be written. */
  readonly writeAccess?: (call: Call) => Promise<WriteAccess>;
  /** What tells the server, as its user sees it, from all others; absent for the embedded store. */
  readonly server?: ServerIdentity;
}

/** The document stores of this server. */
export interface Connections {
  /** The default comes first. */
  readonly all: readonly Connection[];
  /** @throws HydrogenError `not_found` with similar names. */
  get(name?: string): Connection;
}

/** @param all the default first */
export function createConnections(all: readonly Connection[]): Connections {
  const names = all.map(({ name }) => name);
  return {
    all,
    get(name = names[0]) {
      const found = all.find((connection) => connection.name === name);
      if (found) return found;
      if (name === undefined) {
        const advice = 'Whoever runs this server may grant collections to its roles.';
        throw new HydrogenError('not_found', `There is no data for this caller. ${advice}`);
      }
      const suggestions = similarNames(name, names);
      const known = names.map((knownName) => `"${knownName}"`).join(', ') || 'none';
      throw new HydrogenError('not_found', `There is no connection "${name}". There is ${known}.`, {
        suggestions,
      });
    },
  };
}
