import { randomUUID } from 'node:crypto';
import type { Call } from '../../../call.ts';
import { HydrogenError, reworded } from '../../../errors.ts';
import type { CollectionRule, DataRules } from '../../../policy/data-rules.ts';
import type { CollectionEntry, DatabaseEntry, DocumentStore, Namespace } from '../document-store.ts';
import { unknownCollection, unknownDatabase } from '../not-found.ts';
import { withoutPositions } from './paths.ts';
import { plainRule } from './rule.ts';

// What does not exist for a caller is asked for by names that nothing has: the store then does and answers what it does
// and answers for anything that does not exist.

/** A name that nothing has: nobody can know it before. */
const unused = (): string => `absent_${randomUUID().replaceAll('-', '')}`;

/** In place of a database or collection. */
const absent = unused();
/** In place of a field. */
export const absentField = unused();

/** What one caller may see of one store. */
export interface Visible {
  /** Undefined for a collection that does not exist for the caller. */
  ruleOf(namespace: Namespace): CollectionRule | undefined;
  /** The names under which the store is asked. */
  askedAs(namespace: Namespace): Namespace;
  /** The collections that the caller may see; empty where there are none, or no such database. */
  collections(database: string, call: Call): Promise<readonly CollectionEntry[]>;
  /** The databases with at least one collection that the caller may see. */
  databases(
    call: Call,
  ): Promise<readonly { entry: DatabaseEntry; collections: readonly CollectionEntry[] }[]>;
  /** The error for the first of the collections that is not there for the caller. */
  missing(namespaces: readonly [Namespace, ...Namespace[]], call: Call): Promise<HydrogenError>;
  /**
   * The result of work on collections, the first of which is the target; what the store says of one that it does not find
   * is said by what the caller sees.
   */
  found<T>(namespaces: () => readonly [Namespace, ...Namespace[]], work: Promise<T>, call: Call): Promise<T>;
}

const isNotFound = (error: unknown): boolean => error instanceof HydrogenError && error.code === 'not_found';

/** An error without a name that stood in for a hidden one. */
export function withName(error: unknown, stoodIn: string, shown: string): unknown {
  if (!(error instanceof HydrogenError) || error.lacksAdvice) return error;
  return reworded(error, error.message.replaceAll(stoodIn, shown));
}

export function visibleTo(store: DocumentStore, connection: string, rules: DataRules): Visible {
  function ruleOf({ database, collection }: Namespace): CollectionRule | undefined {
    if (!rules.database({ connection, database })) return undefined;
    const rule = rules.collection({ connection, database, collection });
    return rule && { ...rule, hidden: withoutPositions(rule.hidden) };
  }
  const databaseAskedAs = (database: string): string =>
    rules.database({ connection, database }) ? database : absent;

  async function collections(database: string, call: Call): Promise<readonly CollectionEntry[]> {
    try {
      const all = await store.collections(databaseAskedAs(database), call);
      return all.filter(({ name }) => ruleOf({ database, collection: name }) !== undefined);
    } catch (error) {
      if (isNotFound(error)) return [];
      throw error;
    }
  }

  async function databases(call: Call) {
    const found = [];
    for (const entry of await store.databases(call)) {
      if (!rules.database({ connection, database: entry.name })) continue;
      const listed = await collections(entry.name, call);
      if (listed.length > 0) found.push({ entry, collections: listed });
    }
    return found;
  }

  async function missing(
    namespaces: readonly [Namespace, ...Namespace[]],
    call: Call,
  ): Promise<HydrogenError> {
    const [target] = namespaces;
    const names = (await collections(target.database, call)).map(({ name }) => name);
    if (names.length === 0) {
      const known = (await databases(call)).map(({ entry }) => entry.name);
      return unknownDatabase(target.database, known, 'There is none that you may see.');
    }
    const lacking = namespaces.find(({ collection }) => !names.includes(collection)) ?? target;
    return unknownCollection(lacking, names);
  }

  return {
    ruleOf,
    askedAs: ({ database, collection }) => ({
      database: databaseAskedAs(database),
      collection: ruleOf({ database, collection }) === undefined ? absent : collection,
    }),
    collections,
    databases,
    missing,
    async found(namespaces, work, call) {
      try {
        return await work;
      } catch (error) {
        if (isNotFound(error)) throw await missing(namespaces(), call);
        throw withName(error, absent, namespaces()[0].collection);
      }
    },
  };
}

/** The rule by which a query is written: for a collection that is not there, as if none narrowed it. */
export const ruleFor = (visible: Visible, namespace: Namespace): CollectionRule =>
  visible.ruleOf(namespace) ?? plainRule;
