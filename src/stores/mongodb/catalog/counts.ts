import type { Call } from '../../../call.ts';
import { longMs, type Use } from './session.ts';

/** What is counted over all documents. */
interface Counts {
  readonly formats: Readonly<Record<string, number>>;
  /** By source; null stands for inline documents. */
  readonly sources: ReadonlyMap<string | null, SourceCounts>;
}

interface SourceCounts {
  readonly documents: number;
  readonly chunks: number;
  readonly indexedAt: number;
}

type Counted = { readonly [Kind in keyof Counts]: (call: Call) => Promise<Counts[Kind]> } & {
  /** Counts anew, whatever is known: a node may have ended between a change of documents and the note of it. */
  forget(): void;
};

/**
 * Counts once for every state of the documents, whichever node has made it: every search asks for formats. Both are
 * answered from indexes alone.
 */
export function createCounts(use: Use): Counted {
  let forgotten = 0;

  function oncePerState<T>(count: (call: Call) => Promise<T>): (call: Call) => Promise<T> {
    let known: { readonly revision: string; readonly counted: T } | undefined;
    return async (call) => {
      const since = forgotten;
      const state = await use(call, ({ state, options }) =>
        state.documents.findOne({ _id: 'documents' }, options()),
      );
      const revision = `${since} ${state?.revision ?? ''}`;
      if (known?.revision === revision) return known.counted;
      const counted = await count(call);
      known = { revision, counted };
      return counted;
    };
  }

  const groupsBy = <Group extends object>(field: string, group: Record<string, object>) => {
    const stages = [{ $sort: { [field]: 1 } }, { $group: { _id: `$${field}`, ...group } }];
    return (call: Call): Promise<readonly Group[]> =>
      use(call, ({ documents, options }) => documents.aggregate<Group>(stages, options()).toArray(), {
        timeoutMs: longMs,
      });
  };

  const byFormat = groupsBy<{ _id: string; documents: number }>('format', { documents: { $sum: 1 } });
  const bySource = groupsBy<{ _id: string | null } & SourceCounts>('source', {
    documents: { $sum: 1 },
    chunks: { $sum: '$chunks' },
    indexedAt: { $max: '$indexedAt' },
  });

  return {
    forget: () => {
      forgotten++;
    },
    formats: oncePerState(async (call) =>
      Object.fromEntries((await byFormat(call)).map(({ _id, documents }) => [_id, documents])),
    ),
    sources: oncePerState(
      async (call) => new Map((await bySource(call)).map(({ _id, ...counts }) => [_id, counts])),
    ),
  };
}
