import { randomUUID } from 'node:crypto';
import type { Collection } from 'mongodb';
import type { Call } from '../../../call.ts';
import type { MongoArea, StoreSession } from '../client.ts';
import {
  type CatalogRow,
  type DocumentsState,
  type LeaseState,
  names,
  type RegistryState,
  type SourcePosition,
  type TextPiece,
  type WriteUnderWay,
} from './collections.ts';

/** The collections in one use of the database. */
interface CatalogSession extends Pick<StoreSession, 'call' | 'options' | 'facts'> {
  readonly documents: Collection<CatalogRow>;
  readonly texts: Collection<TextPiece>;
  readonly writes: Collection<WriteUnderWay>;
  readonly positions: Collection<SourcePosition>;
  readonly state: {
    readonly documents: Collection<DocumentsState>;
    readonly registry: Collection<RegistryState>;
    readonly lease: Collection<LeaseState>;
  };
}

/**
 * Does something on the database that may be done twice: where its outcome is unknown, it is repeated. Each is short,
 * since a call may take long, but no single request to a server.
 */
export type Use = <T>(
  call: Call,
  work: (session: CatalogSession) => Promise<T>,
  options?: { readonly timeoutMs?: number },
) => Promise<T>;

/** For what looks at all documents, ms. */
export const longMs = 60_000;

export function createUse(area: MongoArea): Use {
  return (call, work, limits) =>
    area.run(
      call,
      ({ db, options, facts, call: bounded }) =>
        work({
          ...{ options, facts, call: bounded },
          documents: db.collection(names.documents),
          texts: db.collection(names.texts),
          writes: db.collection(names.writes),
          positions: db.collection(names.positions),
          state: {
            documents: db.collection(names.state),
            registry: db.collection(names.state),
            lease: db.collection(names.state),
          },
        }),
      { ...limits, repeatable: true },
    );
}

/** A name that nothing else has. */
export const newName = (): string => randomUUID().replaceAll('-', '');

/** Some at a time: neither a request nor its answer becomes too large. */
export function inBatches<Item>(items: readonly Item[], size: number): Item[][] {
  const batches: Item[][] = [];
  for (let at = 0; at < items.length; at += size) batches.push(items.slice(at, at + size));
  return batches;
}
