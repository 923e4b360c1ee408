import type { Problems } from '../../../config/problems.ts';
import type { Config } from '../../../config.ts';
import { badInput } from '../../../errors.ts';
import type { Connections } from '../../../stores/documents/connections.ts';
import type { DocumentStore, Namespace } from '../../../stores/documents/document-store.ts';
import { inlineSource } from '../../../stores/index/inline-source.ts';

/** A document collection, each document of which is a document of the library. */
export interface CollectionSource {
  /** Ids of its documents are `<name>/<_id>`. */
  readonly name: string;
  readonly connection: string;
  readonly store: DocumentStore;
  readonly namespace: Namespace;
  /** Fields whose values are indexed, in this order; dotted paths. */
  readonly fields: readonly string[];
  /** The field with a document's title; `_id` is the fallback. */
  readonly title?: string;
  /** A field with the time of the last change, which tells a scan what to reread. */
  readonly updatedAt?: string;
}

type Configured = Config['collectionSources'][number];

function sourceOf(
  { connection, database: named, collection, ...rest }: Configured,
  names: Set<string>,
  connections: Connections,
): CollectionSource {
  const { name = collection, fields, title, updatedAt } = rest;
  const where = `Setting "collectionSources", source "${name}"`;
  if (names.has(name)) throw badInput(`${where}: the name is already used. Give each its own "name".`);
  names.add(name);
  const found = connections.get(connection);
  const database = named ?? found.database;
  if (database === undefined) {
    throw badInput(`${where}: "database" is missing, since connection "${found.name}" has no default.`);
  }
  return {
    name,
    connection: found.name,
    store: found.store,
    namespace: { database, collection },
    fields,
    ...(title !== undefined && { title }),
    ...(updatedAt !== undefined && { updatedAt }),
  };
}

/**
 * The collection sources of the settings, with the stores they are read from. A duplicate or reserved name, a missing
 * database or an unknown connection is a problem.
 */
export function resolveSources(
  config: Config,
  connections: Connections,
  problems: Problems,
): CollectionSource[] {
  const names = new Set<string>([inlineSource]);
  return config.collectionSources.flatMap((given) =>
    problems.collect(() => [sourceOf(given, names, connections)], []),
  );
}
