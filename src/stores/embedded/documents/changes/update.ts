import { badInput } from '../../../../errors.ts';
import {
  type CompiledUpdate,
  compileReplacement,
  compileUpdate,
  DEFAULT_MAX_BYTES,
  type Document,
  encode,
} from '../../../../mql/index.ts';
import { assertState } from '../../../../policy/drift.ts';
import type { ChangeLimits, UpdateRequest } from '../../../documents/document-store.ts';
import type { Session } from '../../engine/session.ts';
import { findCollection, requireCollection } from '../collections.ts';
import type { StoredDocument } from '../plan/read.ts';
import { collectionFor, insertRow, replaceRow } from '../rows.ts';
import { selected, stateOf } from './select.ts';

/** A result in the form that crosses threads: the `_id` of an upsert as BSON `{ id }`. */
export interface EncodedChange {
  readonly matched: number;
  readonly changed: number;
  readonly upserted?: Uint8Array;
}

const isReplacement = (update: Document | readonly Document[]): update is Document =>
  !Array.isArray(update) && !Object.keys(update)[0]?.startsWith('$');

function compile(session: Session, request: UpdateRequest): CompiledUpdate {
  const { filter, update, many, arrayFilters, collation } = request;
  const options = {
    filter,
    ...(arrayFilters && { arrayFilters }),
    ...(collation && { collation }),
    limits: { tick: session.tick, maxBytes: DEFAULT_MAX_BYTES },
  };
  if (!isReplacement(update)) return compileUpdate(update, options);
  if (many) throw badInput('A replacement is for one document: omit "many", or use update operators.');
  if (arrayFilters) throw badInput('Array filters need update operators, not a replacement.');
  return compileReplacement(update, options);
}

function matchesOf(session: Session, request: UpdateRequest, limits: ChangeLimits): StoredDocument[] {
  // An upsert may create the collection.
  if (request.upsert && !findCollection(session, request)) return [];
  return selected(session, requireCollection(session, request).id, request, limits);
}

/**
 * The documents an update would touch; it is tried on each, so that nobody is asked to confirm one that fails.
 * @throws HydrogenError as the update would, except for violations of unique indexes
 */
export function updatable(session: Session, request: UpdateRequest, limits: ChangeLimits): StoredDocument[] {
  const compiled = compile(session, request);
  const found = matchesOf(session, request, limits);
  for (const { document } of found) {
    session.tick();
    compiled.apply(document);
  }
  if (found.length === 0 && request.upsert) compiled.insert();
  return found;
}

/** Updates the matching documents, or inserts what an upsert creates; all or none, in the transaction of its lane. */
export function update(session: Session, request: UpdateRequest, limits: ChangeLimits): EncodedChange {
  const compiled = compile(session, request);
  const found = matchesOf(session, request, limits);
  assertState(stateOf(found.map(({ document }) => document)), limits);
  if (found.length === 0 && request.upsert) {
    const document = compiled.insert();
    insertRow(session, collectionFor(session, request), document);
    return { matched: 0, changed: 0, upserted: encode({ id: document['_id'] }) };
  }
  const collection = requireCollection(session, request).id;
  let changed = 0;
  for (const { row, document } of found) {
    session.tick();
    const after = compiled.apply(document);
    if (!after.modified) continue;
    replaceRow(session, collection, row, document, after.document);
    changed++;
  }
  return { matched: found.length, changed };
}
