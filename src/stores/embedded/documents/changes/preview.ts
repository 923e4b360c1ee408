import { encode } from '../../../../mql/index.ts';
import type { ChangeLimits, ChangeRequest } from '../../../documents/document-store.ts';
import type { Session } from '../../engine/session.ts';
import { requireCollection } from '../collections.ts';
import type { StoredDocument } from '../plan/read.ts';
import { droppable, droppableIndex } from './drop.ts';
import { selected, stateOf } from './select.ts';
import { updatable } from './update.ts';

/** A preview in the form that crosses threads: examples as BSON. */
export interface EncodedPreview {
  readonly matched: number;
  readonly examples: readonly Uint8Array[];
  readonly state: string;
}

const maxExamples = 2;

function touched(
  session: Session,
  change: Exclude<ChangeRequest, { kind: 'drop_index' }>,
  limits: ChangeLimits,
): StoredDocument[] {
  if (change.kind === 'update') return updatable(session, change, limits);
  if (change.kind === 'drop_collection') return droppable(session, change, limits);
  return selected(session, requireCollection(session, change).id, change, limits);
}

/** What a change would do in the current state. */
export function preview(session: Session, change: ChangeRequest, limits: ChangeLimits): EncodedPreview {
  if (change.kind === 'drop_index') {
    return { matched: 0, examples: [], state: droppableIndex(session, change).state };
  }
  const documents = touched(session, change, limits).map(({ document }) => document);
  return {
    matched: documents.length,
    examples: documents.slice(0, maxExamples).map(encode),
    state: stateOf(documents),
  };
}
