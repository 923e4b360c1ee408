import { badInput } from '../../errors.ts';
import type { Connection } from '../../stores/documents/connections.ts';
import type { DocumentStore, Namespace } from '../../stores/documents/document-store.ts';
import type { ToolContext } from './define.ts';

/** What a data tool works on. */
export interface Target {
  readonly connection: Connection;
  readonly store: DocumentStore;
  readonly database: string;
}

/** The arguments common to data tools. */
export interface TargetArguments {
  readonly connection?: string | undefined;
  readonly database?: string | undefined;
}

/** The requested database, or the connection's default, if there is one. */
export function chosenDatabase(
  { connection, database }: TargetArguments,
  { connections }: Pick<ToolContext, 'connections'>,
): string | undefined {
  return database ?? connections.get(connection).database;
}

/** @throws HydrogenError `not_found` for an unknown connection, `bad_input` when a database must be named. */
export function targetOf(args: TargetArguments, context: ToolContext): Target {
  const connection = context.connections.get(args.connection);
  const chosen = chosenDatabase(args, context);
  if (chosen === undefined) {
    throw badInput(
      `argument "database" is missing: connection "${connection.name}" has no default database. See list_databases.`,
    );
  }
  return { connection, store: connection.store, database: chosen };
}

export interface CollectionTarget extends Target {
  readonly namespace: Namespace;
}

export function collectionOf(
  args: TargetArguments & { readonly collection: string },
  context: ToolContext,
): CollectionTarget {
  const target = targetOf(args, context);
  return { ...target, namespace: { database: target.database, collection: args.collection } };
}
