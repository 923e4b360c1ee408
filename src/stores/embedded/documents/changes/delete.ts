import { assertState } from '../../../../policy/drift.ts';
import type { ChangeLimits, ChangeTarget } from '../../../documents/document-store.ts';
import type { Session } from '../../engine/session.ts';
import { requireCollection } from '../collections.ts';
import { removeRow } from '../rows.ts';
import { selected, stateOf } from './select.ts';
import type { EncodedChange } from './update.ts';

/** Deletes the matching documents, all or none, in the transaction of its lane. */
export function remove(session: Session, selection: ChangeTarget, limits: ChangeLimits): EncodedChange {
  const { id } = requireCollection(session, selection);
  const found = selected(session, id, selection, limits);
  assertState(stateOf(found.map(({ document }) => document)), limits);
  for (const { row, document } of found) {
    session.tick();
    removeRow(session, id, row, document);
  }
  return { matched: found.length, changed: found.length };
}
