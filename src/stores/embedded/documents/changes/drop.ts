import { assertState } from '../../../../policy/drift.ts';
import type { ChangeLimits, Namespace } from '../../../documents/document-store.ts';
import { inParts } from '../../../documents/in-parts.ts';
import type { Session } from '../../engine/session.ts';
import { requireCollection } from '../collections.ts';
import type { Index } from '../indexes/definition.ts';
import { dropIndex, requireIndex } from '../indexes/manage.ts';
import type { StoredDocument } from '../plan/read.ts';
import { dropCollection } from '../rows.ts';
import { selected, stateOf } from './select.ts';
import type { EncodedChange } from './update.ts';

interface NamedIndex extends Namespace {
  readonly name: string;
}

/** All documents of a collection. @throws HydrogenError `too_large` when there are more than the limits allow */
export function droppable(session: Session, namespace: Namespace, limits: ChangeLimits): StoredDocument[] {
  const { id } = requireCollection(session, namespace);
  return selected(session, id, { filter: {}, many: true }, limits, inParts.drop);
}

/** Removes a collection with its documents and indexes. */
export function removeCollection(
  session: Session,
  namespace: Namespace,
  limits: ChangeLimits,
): EncodedChange {
  const found = droppable(session, namespace, limits);
  assertState(stateOf(found.map(({ document }) => document)), limits);
  dropCollection(session, requireCollection(session, namespace).id);
  return { matched: found.length, changed: found.length };
}

/** The index, and its state: a different index of the same name has a different one. */
export function droppableIndex(
  session: Session,
  { name, ...namespace }: NamedIndex,
): { readonly index: Index; readonly state: string } {
  const index = requireIndex(session, requireCollection(session, namespace).id, name);
  const { id, key, unique } = index;
  return { index, state: stateOf([{ id, name, key, unique }]) };
}

/** Removes an index with its entries. */
export function removeIndex(session: Session, named: NamedIndex, limits: ChangeLimits): EncodedChange {
  const { index, state } = droppableIndex(session, named);
  assertState(state, limits);
  dropIndex(session, index);
  return { matched: 0, changed: 0 };
}
