import { createHash } from 'node:crypto';
import { badInput, HydrogenError } from '../../../errors.ts';
import {
  type CompiledUpdate,
  compileReplacement,
  compileUpdate,
  type Document,
  decode,
  encode,
} from '../../../mql/index.ts';
import { assertState } from '../../../policy/drift.ts';
import { exact } from '../../mongodb/driver.ts';
import { UnfinishedWrite } from '../../mongodb/errors.ts';
import type { ServerSession } from '../../mongodb/server.ts';
import type {
  ChangeLimits,
  ChangeRequest,
  ChangeResult,
  ChangeTarget,
  Preview,
  UpdateRequest,
} from '../document-store.ts';
import { assertNewNames } from '../names.ts';
import { requireCollection } from './collections.ts';
import { namedIndex } from './indexes.ts';
import { type DocumentChange, type Touched, touched } from './touched.ts';

/** `_id`s per command: far below the 16 MB limit of a command. */
const idsAtATime = 5_000;
/** Of BSON, like MongoDB's own limit for a document in an update. */
const maxBytes = 16 * 1024 * 1024;

/**
 * Refuses an invalid update before anyone is asked to confirm it.
 * @returns the update as compiled by our own engine; `undefined` if only the server understands it
 * @throws HydrogenError `bad_input`
 */
function compiled({ update, many, filter, arrayFilters }: UpdateRequest): CompiledUpdate | undefined {
  const options = { filter, ...(arrayFilters && { arrayFilters }), limits: { tick() {}, maxBytes } };
  if (isReplacement(update)) {
    if (many) throw badInput('A replacement is for one document: omit "many", or use update operators.');
    if (arrayFilters) throw badInput('Array filters need update operators, not a replacement.');
  }
  return known(() =>
    isReplacement(update) ? compileReplacement(update, options) : compileUpdate(update, options),
  );
}

/** The result of `work`; `undefined` for what our engine does not support. */
function known<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof HydrogenError) || error.code !== 'not_supported') throw error;
    return undefined;
  }
}

const isPipeline = (update: Document | readonly Document[]): update is readonly Document[] =>
  Array.isArray(update);
const isReplacement = (update: Document | readonly Document[]): update is Document =>
  !isPipeline(update) && !Object.keys(update)[0]?.startsWith('$');

/** The collection of an upsert need not exist yet. */
async function requireTarget(session: ServerSession, change: ChangeRequest): Promise<void> {
  try {
    const { view } = await requireCollection(session, change);
    if (view) throw badInput(`"${change.collection}" is a view: change its source collection instead.`);
  } catch (error) {
    const begins = change.kind === 'update' && change.upsert;
    if (!begins || !(error instanceof HydrogenError) || error.code !== 'not_found') throw error;
  }
}

async function indexState(
  session: ServerSession,
  change: ChangeRequest & { kind: 'drop_index' },
): Promise<string> {
  const index = await namedIndex(session, change);
  return createHash('sha256')
    .update(encode({ ...index }))
    .digest('base64url');
}

/**
 * The documents that a change affects. An update is tried on each, so that nobody is asked to confirm one that fails,
 * and a server does not stop halfway through it.
 */
async function findTouched(
  session: ServerSession,
  change: DocumentChange,
  limits: ChangeLimits,
): Promise<Touched> {
  const update = change.kind === 'update' ? compiled(change) : undefined;
  await requireTarget(session, change);
  return touched(session, change, limits, (document) => void known(() => update?.apply(document)));
}

export async function preview(
  session: ServerSession,
  change: ChangeRequest,
  limits: ChangeLimits,
): Promise<Preview> {
  if (change.kind === 'drop_index') {
    return { matched: 0, examples: [], state: await indexState(session, change) };
  }
  const { ids, examples, state } = await findTouched(session, change, limits);
  return { matched: ids.length, examples, state };
}

const writeOptions = ({ options }: ServerSession) => {
  const { readPreference: _, ...rest } = options();
  return rest;
};

const collated = ({ collation }: ChangeTarget) =>
  collation === undefined ? {} : { collation: collation as { locale: string } };

async function update(
  session: ServerSession,
  change: UpdateRequest,
  filter: Document,
): Promise<ChangeResult> {
  const { update: requested, many, arrayFilters } = change;
  const target = session.client.db(change.database).collection(change.collection);
  const how = {
    ...writeOptions(session),
    ...collated(change),
    ...(arrayFilters && { arrayFilters: [...arrayFilters] }),
  };
  const operators = isPipeline(requested) ? [...requested] : requested;
  const { matchedCount, modifiedCount } = isReplacement(requested)
    ? await target.replaceOne(filter, requested, how)
    : many
      ? await target.updateMany(filter, operators, how)
      : await target.updateOne(filter, operators, how);
  return { matched: Number(matchedCount), changed: Number(modifiedCount) };
}

/**
 * Inserts what an upsert creates when nothing matches. Our own engine builds it: a server asked to upsert would update
 * a document that another client has inserted in the meantime, which nobody approved.
 */
async function insertUpserted(session: ServerSession, change: UpdateRequest): Promise<ChangeResult> {
  assertNewNames(change);
  const target = session.client.db(change.database).collection(change.collection);
  const update = compiled(change);
  const document = update && known(() => update.insert());
  if (document !== undefined) {
    await target.insertOne(document, writeOptions(session));
    return { matched: 0, changed: 0, upsertedId: document['_id'] };
  }
  const how = {
    ...writeOptions(session),
    ...collated(change),
    ...(change.arrayFilters && { arrayFilters: [...change.arrayFilters] }),
    ...exact,
    upsert: true,
  };
  const { update: requested } = change;
  const { upsertedId, matchedCount, modifiedCount } = isReplacement(requested)
    ? await target.replaceOne(change.filter, requested, how)
    : await target.updateOne(change.filter, isPipeline(requested) ? [...requested] : requested, how);
  return {
    matched: Number(matchedCount),
    changed: Number(modifiedCount),
    ...(upsertedId != null && { upsertedId: decode(encode({ id: upsertedId }))['id'] }),
  };
}

async function remove(session: ServerSession, change: ChangeTarget, filter: Document): Promise<ChangeResult> {
  const { deletedCount } = await session.client
    .db(change.database)
    .collection(change.collection)
    .deleteMany(filter, { ...writeOptions(session), ...collated(change) });
  return { matched: deletedCount, changed: deletedCount };
}

/**
 * Finds the documents again, then writes to exactly those, as far as they still match. A server cannot do both
 * atomically outside a transaction: a document that another client changes in between is still written if it still
 * matches; and if a change of many documents fails midway, those before stay changed, as the error says.
 */
export async function apply(
  session: ServerSession,
  change: ChangeRequest,
  limits: ChangeLimits,
): Promise<ChangeResult> {
  const target = session.client.db(change.database).collection(change.collection);
  if (change.kind === 'drop_index') {
    assertState(await indexState(session, change), limits);
    await target.dropIndex(change.name, writeOptions(session));
    return { matched: 0, changed: 0 };
  }
  const { ids, state } = await findTouched(session, change, limits);
  assertState(state, limits);
  if (change.kind === 'drop_collection') {
    await target.drop(writeOptions(session));
    return { matched: ids.length, changed: ids.length };
  }
  if (change.kind === 'update' && change.upsert && ids.length === 0) {
    return insertUpserted(session, change);
  }
  const total = { matched: 0, changed: 0 };
  for (let at = 0; at < ids.length; at += idsAtATime) {
    const these = { $and: [change.filter, { _id: { $in: ids.slice(at, at + idsAtATime) } }] };
    const made = await written(session, change, these, ids.length);
    total.matched += made.matched;
    total.changed += made.changed;
  }
  return total;
}

/** A server changes documents one by one: when it refuses one, others have already been changed. */
async function written(
  session: ServerSession,
  change: Exclude<DocumentChange, { kind: 'drop_collection' }>,
  filter: Document,
  count: number,
): Promise<ChangeResult> {
  try {
    return await (change.kind === 'delete'
      ? remove(session, change, filter)
      : update(session, change, filter));
  } catch (error) {
    if (count === 1) throw error;
    throw new UnfinishedWrite(
      `Some of the ${count.toLocaleString('en')} documents may already have been changed: check before you retry.`,
      error,
    );
  }
}
