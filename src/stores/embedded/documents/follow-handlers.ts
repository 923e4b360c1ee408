import { badInput } from '../../../errors.ts';
import { encode } from '../../../mql/index.ts';
import type { Namespace } from '../../documents/document-store.ts';
import type { Session } from '../engine/session.ts';
import { requireCollection } from './collections.ts';
import { changesAfter, follow, forgetChanges, isFollowed } from './follow.ts';

/** A position in the changes of one collection; a collection that was dropped and created again is a different one. */
interface Position {
  readonly collection: number;
  readonly sequence: number;
}

/** Changes in the form that crosses threads: BSON `{ ids }`. */
export interface EncodedChanges {
  readonly ids: Uint8Array;
  readonly restarted: boolean;
  readonly position: string;
}

/** Maximum number of changes in a batch. */
const batchSize = 500;

const write = ({ collection, sequence }: Position): string => `${collection}:${sequence}`;

function read(text: string): Position {
  const [collection = Number.NaN, sequence = Number.NaN] = text.split(':').map(Number);
  if (Number.isInteger(collection) && Number.isInteger(sequence)) return { collection, sequence };
  throw badInput('This is not a position in the changes of an embedded collection.');
}

function encoded(ids: readonly unknown[], restarted: boolean, position: Position): EncodedChanges {
  return { ids: encode({ ids }), restarted, position: write(position) };
}

export const followHandlers = {
  /** Begins, or continues after `after`, deleting the changes before it. */
  follow(session: Session, namespace: Namespace, after: string | undefined): EncodedChanges {
    const { id } = requireCollection(session, namespace);
    const from = after === undefined ? undefined : read(after);
    if (from?.collection === id && isFollowed(session, id)) {
      forgetChanges(session, id, from.sequence);
      return encoded([], false, from);
    }
    return encoded([], true, { collection: id, sequence: follow(session, id) });
  },

  changes(session: Session, namespace: Namespace, after: string): EncodedChanges {
    const { id } = requireCollection(session, namespace);
    const from = read(after);
    if (from.collection !== id || !isFollowed(session, id)) return encoded([], true, from);
    const changes = changesAfter(session, id, from.sequence, batchSize);
    const sequence = changes.at(-1)?.sequence ?? from.sequence;
    return encoded(
      changes.map((change) => change.id),
      false,
      { collection: id, sequence },
    );
  },
};
