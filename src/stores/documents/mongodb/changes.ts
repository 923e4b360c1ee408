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
import { exact } from './driver.ts';
import { UnfinishedWrite } from './errors.ts';
import { namedIndex } from './indexes.ts';
import type { ServerSession } from './server.ts';
import { type DocumentChange, type Touched, touched } from './touched.ts';

/** `_id`s of one command: it stays far below the 16 MB that a command may be. */
const idsAtATime = 5_000;
/** Of BSON, as MongoDB's own limit for a document in an update. */
const maxBytes = 16 * 1024 * 1024;

/**
 * What an update could not be, before anyone is asked about it.
 * @returns the update as our own engine makes it; `undefined` where only the server knows it
 * @throws HydrogenError `bad_input`
 */
function compiled({ update, many, filter, arrayFilters }: UpdateRequest): CompiledUpdate | undefined {
  const options = { filter, ...(arrayFilters && { arrayFilters }), limits: { tick() {}, maxBytes } };
  if (isReplacement(update)) {
    if (many) throw badInput('A replacement is for one document: leave "many" out, or use update operators.');
    if (arrayFilters) throw badInput('Array filters need update operators, not a replacement.');
  }
  return known(() =>
    isReplacement(update) ? compileReplacement(update, options) : compileUpdate(update, options),
  );
}

/** What `work` gives; `undefined` for what our engine does not have. */
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

/** A collection that an upsert may begin does not have to be there. */
async function requireTarget(session: ServerSession, change: ChangeRequest): Promise<void> {
  try {
    const { view } = await requireCollection(session, change);
    if (view) throw badInput(`"${change.collection}" is a view: change the collection it is made from.`);
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
 * What a change is about. An update is tried on each document, so that nobody is asked about one that fails, and
 * a server does not stop in the middle of it.
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
 * Inserts what an upsert makes, where nothing matches. Our own engine makes it: a server that is asked to update
 * or insert would update what another client has inserted meanwhile, to which nobody agreed.
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
 * Looks again, then writes to exactly the documents that were found, as far as they still match. A server
 * outside a transaction cannot do both at once: a document that another client changes between the two, in a
 * way that it still matches, is written all the same; and a change of many documents that fails in the middle
 * leaves those before it changed, which the error says.
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

/** A server changes one document after the other: what it refuses at one comes after others were changed. */
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
      `Some of the ${count.toLocaleString('en')} documents may have been changed before it: look before you repeat it.`,
      error,
    );
  }
}
