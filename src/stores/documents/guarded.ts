import type { Call, Caller, Operation } from '../../call.ts';
import { HydrogenError } from '../../errors.ts';
import type { DataRules } from '../../policy/data-rules.ts';
import type { Descriptions } from './descriptions.ts';
import type { ChangeRequest, DocumentStore, Namespace } from './document-store.ts';

/** What of the documents exists for a caller where it does something of that kind. */
export type RulesOf = (caller: Caller, operation: Operation) => DataRules;

const noteFor =
  (connection: string) =>
  ({ database, collection }: Namespace, rows: number, call: Call): void =>
    call.touched?.({ what: `${connection}/${database}/${collection}`, rows });

type Note = ReturnType<typeof noteFor>;

/** The same store, which says what a call touches. */
function notedStore(store: DocumentStore, note: Note): DocumentStore {
  async function noted<T>(
    namespace: Namespace,
    work: Promise<T>,
    rows: (result: T) => number,
    call: Call,
  ): Promise<T> {
    const result = await work;
    note(namespace, rows(result), call);
    return result;
  }
  const none = (): number => 0;
  return {
    databases: (call) => store.databases(call),
    collections: (database, call) => store.collections(database, call),
    describe: (namespace, call) =>
      noted(namespace, store.describe(namespace, call), ({ sampled }) => sampled, call),
    find: (query, call) => noted(query, store.find(query, call), ({ documents }) => documents.length, call),
    async aggregate(query, call) {
      const page = await store.aggregate(query, call);
      note(query, page.documents.length, call);
      if (call.touched) {
        for (const collection of collectionsJoined(query.pipeline)) {
          note({ database: query.database, collection }, 0, call);
        }
      }
      return page;
    },
    count: (query, call) => noted(query, store.count(query, call), none, call),
    distinct: (query, call) => noted(query, store.distinct(query, call), ({ values }) => values.length, call),
    indexes: (namespace, call) => noted(namespace, store.indexes(namespace, call), none, call),
    explain: (query, call) => noted(query, store.explain(query, call), none, call),
    put: (namespace, documents, options, call) =>
      noted(
        namespace,
        store.put(namespace, documents, options, call),
        ({ inserted, replaced }) => inserted + replaced,
        call,
      ),
    insert: (namespace, documents, call) =>
      noted(namespace, store.insert(namespace, documents, call), (ids) => ids.length, call),
    preview: (change, limits, call) =>
      noted(change, store.preview(change, limits, call), ({ examples }) => examples.length, call),
    apply: (change, limits, call) =>
      noted(
        change,
        store.apply(change, limits, call),
        ({ changed, upsertedId }) => changed + (upsertedId === undefined ? 0 : 1),
        call,
      ),
    createIndex: (index, call) => noted(index, store.createIndex(index, call), none, call),
    follow: (namespace, after, call) => store.follow(namespace, after, call),
  };
}

const joins: ReadonlySet<string> = new Set(['$lookup', '$graphLookup', '$unionWith']);

/** The collections of the same database that stages name, at any depth. */
function collectionsJoined(value: unknown, found = new Set<string>()): ReadonlySet<string> {
  if (typeof value !== 'object' || value === null) return found;
  for (const [name, inner] of Object.entries(value)) {
    if (joins.has(name)) {
      const { from, coll = from } =
        typeof inner === 'string' ? { from: inner } : ((inner ?? {}) as Record<string, unknown>);
      if (typeof coll === 'string') found.add(coll);
    }
    collectionsJoined(inner, found);
  }
  return found;
}

/**
 * Whoever changes documents learns of them (previews, counts), so that what may not be read does not exist in changes,
 * either.
 */
function bothRules(changing: DataRules, reading: DataRules): DataRules {
  if (changing.isUnrestricted && reading.isUnrestricted) return changing;
  return {
    isUnrestricted: false,
    database: (name) => changing.database(name),
    collection(namespace) {
      const [own, read] = [changing.collection(namespace), reading.collection(namespace)];
      if (!own || !read) return own;
      const rows = [own.rows, read.rows].filter((filter) => filter !== undefined);
      const hidden = [...new Set([...own.hidden, ...read.hidden])];
      const [only] = rows;
      return { hidden, ...(only && { rows: rows.length === 1 ? only : { $and: rows } }) };
    },
  };
}

const operationOf = ({ kind }: ChangeRequest): Operation => (kind === 'update' ? 'write' : 'destroy');

/**
 * The store as each caller may see and change it. Collections, rows and fields that a rule hides are to the caller what
 * does not exist: the same answers and errors, by the same operations of the store. What cannot be narrowed exactly is
 * refused by name.
 */
export function guardedStore(store: DocumentStore, connectionName: string, rulesOf: RulesOf): DocumentStore {
  const note = noteFor(connectionName);
  const whole = notedStore(store, note);
  /** The store for the caller of a call. */
  async function seenBy({ caller }: Call): Promise<DocumentStore> {
    return seenWith(rulesOf(caller, 'read'));
  }
  async function seenWith(rules: DataRules): Promise<DocumentStore> {
    if (rules.isUnrestricted) return whole;
    const { restrictedStore } = await import('./guarded/restricted.ts');
    return notedStore(restrictedStore(store, connectionName, rules), note);
  }
  /** The store for a change of a collection; one that the caller may only read, or only insert into, is named. */
  async function changedBy(
    { caller }: Call,
    operation: Operation,
    { database, collection }: Namespace,
    isOfExisting = false,
  ): Promise<DocumentStore> {
    const [changing, reading] = [rulesOf(caller, operation), rulesOf(caller, 'read')];
    const named = { connection: connectionName, database, collection };
    const [mayChange, mayRead] = [changing, reading].map((rules) => rules.collection(named) !== undefined);
    if (mayRead && !mayChange) {
      throw new HydrogenError(
        'not_allowed',
        `The roles of this caller let it read "${collection}", not change it (operation "${operation}").`,
      );
    }
    // How many documents a filter matches tells what is in them.
    if (mayChange && !mayRead && isOfExisting) {
      throw new HydrogenError(
        'not_allowed',
        `The roles of this caller let it insert into "${collection}", not read it, which changing and removing documents needs.`,
      );
    }
    return seenWith(bothRules(changing, reading));
  }
  return {
    databases: async (call) => (await seenBy(call)).databases(call),
    collections: async (database, call) => (await seenBy(call)).collections(database, call),
    describe: async (namespace, call) => (await seenBy(call)).describe(namespace, call),
    find: async (query, call) => (await seenBy(call)).find(query, call),
    aggregate: async (query, call) => (await seenBy(call)).aggregate(query, call),
    count: async (query, call) => (await seenBy(call)).count(query, call),
    distinct: async (query, call) => (await seenBy(call)).distinct(query, call),
    indexes: async (namespace, call) => (await seenBy(call)).indexes(namespace, call),
    explain: async (query, call) => (await seenBy(call)).explain(query, call),
    put: async (namespace, documents, options, call) =>
      (await changedBy(call, 'write', namespace)).put(namespace, documents, options, call),
    insert: async (namespace, documents, call) =>
      (await changedBy(call, 'write', namespace)).insert(namespace, documents, call),
    preview: async (change, limits, call) =>
      (await changedBy(call, operationOf(change), change, true)).preview(change, limits, call),
    apply: async (change, limits, call) =>
      (await changedBy(call, operationOf(change), change, true)).apply(change, limits, call),
    createIndex: async (index, call) => (await changedBy(call, 'write', index)).createIndex(index, call),
    async *follow(namespace, after, call) {
      yield* (await seenBy(call)).follow(namespace, after, call);
    },
  };
}

/**
 * What collections look like to each caller. What is remembered is of whole collections, so a caller with rules gets what
 * the guarded store finds at this moment.
 */
export function guardedDescriptions(
  descriptions: Descriptions,
  guarded: DocumentStore,
  connectionName: string,
  rulesOf: RulesOf,
): Descriptions {
  const note = noteFor(connectionName);
  return {
    async collections(database, call) {
      if (rulesOf(call.caller, 'read').isUnrestricted) return descriptions.collections(database, call);
      return { found: await guarded.collections(database, call), ageMs: 0 };
    },
    async describe(namespace, call) {
      if (!rulesOf(call.caller, 'read').isUnrestricted) {
        return { found: await guarded.describe(namespace, call), ageMs: 0 };
      }
      const described = await descriptions.describe(namespace, call);
      note(namespace, described.found.sampled, call);
      return described;
    },
  };
}
