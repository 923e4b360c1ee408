import type { Call } from '../../../call.ts';
import type { Session } from './session.ts';

/**
 * The threads: `read` is a pool of read-only connections for queries, which may be long; `light` is a single one for
 * short operations (lists, the journal, statistics) that must not wait behind them; `write` is a single thread where
 * each operation is one transaction; `index` is a single read-only thread that may cache the search index in memory.
 */
export type Lane = 'read' | 'light' | 'write' | 'index';

/** A lane, or `urgent`: the thread of `light`, before all that waits for it; for what every request waits for. */
type Way = Lane | 'urgent';

/**
 * Performs an operation on a store thread. Arguments and result must survive structured cloning (no class instances).
 */
type Handler = (session: Session, ...args: never[]) => unknown;
export type Handlers = Readonly<Record<string, Handler>>;

/**
 * The operations of an area: their names and lanes. The main thread loads only this; their arguments and results have
 * the types of their handlers, which only store threads load.
 */
export interface Operations<Own extends Handlers> {
  readonly area: string;
  readonly lanes: { readonly [Name in keyof Own]: Way };
}

/** Declares the operations of an area: each handler gets a lane. */
export function defineOperations<Own extends Handlers>(
  area: string,
  lanes: Operations<Own>['lanes'],
): Operations<Own> {
  return { area, lanes };
}

/** An operation as a store file runs it. */
export interface StoreOperation {
  readonly name: string;
  readonly lane: Lane;
  /** It goes before what waits for its lane. */
  readonly isUrgent?: true;
}

const nameOf = (area: string, name: string): string => `${area}.${name}`;

type Method<Own extends Handler> = Own extends (session: Session, ...args: infer Args) => infer Result
  ? (...args: [...Args, call: Call]) => Promise<Result>
  : never;

/** One method per operation: the arguments of its handler, then the call. */
export type Client<Own extends Handlers> = { readonly [Name in keyof Own]: Method<Own[Name]> };

/** Runs an operation. */
export interface OperationRunner {
  run(operation: StoreOperation, args: readonly unknown[], call: Call): Promise<unknown>;
}

export function createClient<Own extends Handlers>(
  file: OperationRunner,
  { area, lanes }: Operations<Own>,
): Client<Own> {
  const methods = Object.entries<Way>(lanes).map(([name, way]) => {
    const known = way === 'urgent' ? ({ lane: 'light', isUrgent: true } as const) : { lane: way };
    const operation: StoreOperation = { name: nameOf(area, name), ...known };
    const method = (...args: readonly unknown[]): Promise<unknown> =>
      file.run(operation, args.slice(0, -1), args.at(-1) as Call);
    return [name, method];
  });
  return Object.fromEntries(methods) as Client<Own>;
}

/** The handlers of an area by the full names of their operations, by which a store thread finds them. */
export function handlersOf<Own extends Handlers>({ area }: Operations<Own>, handlers: Own): Handlers {
  return Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [nameOf(area, name), handler]));
}
