import { withWrappedMethods } from '../../observability/wrapped-methods.ts';
import type { Connection, Connections } from './connections.ts';
import type { Descriptions } from './descriptions.ts';
import type { DocumentStore } from './document-store.ts';

/** One use of a document store. */
export interface StoreUse {
  readonly connection: string;
  readonly kind: Connection['kind'];
  readonly operation: string;
  readonly database?: string;
  readonly collection?: string;
}

/** Sees a use of a store; it does not change what the work answers or throws. */
export type StoreObserver = <T>(use: StoreUse, work: () => Promise<T>) => Promise<T>;

/** Those that answer once; a collection that is followed has no end. */
const storeMethods = [
  'databases',
  'collections',
  'describe',
  'find',
  'aggregate',
  'count',
  'distinct',
  'indexes',
  'explain',
  'put',
  'insert',
  'preview',
  'apply',
  'createIndex',
] as const satisfies readonly (keyof DocumentStore)[];

const descriptionMethods = ['collections', 'describe'] as const satisfies readonly (keyof Descriptions)[];

/** What the first argument names: a database, a namespace, or a query or change in one. */
function namedBy(given: unknown): Pick<StoreUse, 'database' | 'collection'> {
  if (typeof given === 'string') return { database: given };
  const { database, collection } = (typeof given === 'object' ? (given ?? {}) : {}) as Record<
    string,
    unknown
  >;
  return {
    ...(typeof database === 'string' && { database }),
    ...(typeof collection === 'string' && { collection }),
  };
}

/**
 * The same connections, each use of which, also of what is remembered of their collections, the observers see: the first
 * is the outermost.
 */
export function observedConnections(
  connections: Connections,
  given: readonly (StoreObserver | undefined)[],
): Connections {
  const observers = given.filter((one) => one !== undefined).toReversed();
  if (observers.length === 0) return connections;
  const observed = <T extends object>(inner: T, names: readonly (keyof T & string)[], of: Connection): T =>
    withWrappedMethods(inner, names, (operation, args, work) => {
      const use = { connection: of.name, kind: of.kind, operation, ...namedBy(args[0]) };
      const begin = observers.reduce((next, observe) => () => observe(use, next), work);
      return begin();
    });
  const all = connections.all.map((connection) => ({
    ...connection,
    store: observed(connection.store, storeMethods, connection),
    descriptions: observed(connection.descriptions, descriptionMethods, connection),
  }));
  return {
    ...connections,
    all,
    get(name) {
      const found = connections.get(name);
      return all.find((one) => one.name === found.name) ?? found;
    },
  };
}
