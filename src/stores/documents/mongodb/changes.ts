import { createHash } from 'node:crypto';
import { badInput, HydrogenError } from '../../../errors.ts';
import { compileUpdate, type Document, decode, encode } from '../../../mql/index.ts';
import type {
  Change,
  ChangeLimits,
  ChangeResult,
  Preview,
  Selection,
  UpdateRequest,
} from '../document-store.ts';
import { requireCollection } from './collections.ts';
import { exact } from './driver.ts';
import { namedIndex } from './indexes.ts';
import type { ServerSession } from './server.ts';
import { touched } from './touched.ts';

/** `_id`s of one command: it stays far below the 16 MB that a command may be. */
const idsAtATime = 5_000;
/** Of BSON, as MongoDB's own limit for a document in an update. */
const maxBytes = 16 * 1024 * 1024;

/** What an update could not be, before anyone is asked about it; what only the server knows is left to it. */
function checkUpdate({ update, many, filter, arrayFilters }: UpdateRequest): void {
  if (isReplacement(update)) {
    if (many) throw badInput('A replacement is for one document: leave "many" out, or use update operators.');
    if (arrayFilters) throw badInput('Array filters need update operators, not a replacement.');
    return;
  }
  try {
    compileUpdate(update, {
      filter,
      ...(arrayFilters && { arrayFilters }),
      limits: { tick() {}, maxBytes },
    });
  } catch (error) {
    if (!(error instanceof HydrogenError) || error.code === 'bad_input') throw error;
  }
}

const isPipeline = (update: Document | readonly Document[]): update is readonly Document[] =>
  Array.isArray(update);
const isReplacement = (update: Document | readonly Document[]): update is Document =>
  !isPipeline(update) && !Object.keys(update)[0]?.startsWith('$');

/** A collection that an upsert may begin does not have to be there. */
async function requireTarget(session: ServerSession, change: Change): Promise<void> {
  try {
    const { view } = await requireCollection(session, change);
    if (view) throw badInput(`"${change.collection}" is a view: change the collection it is made from.`);
  } catch (error) {
    const begins = change.kind === 'update' && change.upsert;
    if (!begins || !(error instanceof HydrogenError) || error.code !== 'not_found') throw error;
  }
}

async function indexState(session: ServerSession, change: Change & { kind: 'drop_index' }): Promise<string> {
  const index = await namedIndex(session, change);
  return createHash('sha256')
    .update(encode({ ...index }))
    .digest('base64url');
}

export async function preview(
  session: ServerSession,
  change: Change,
  limits: ChangeLimits,
): Promise<Preview> {
  if (change.kind === 'drop_index') {
    return { matched: 0, examples: [], state: await indexState(session, change) };
  }
  if (change.kind === 'update') checkUpdate(change);
  await requireTarget(session, change);
  const { ids, examples, state } = await touched(session, change, limits);
  return { matched: ids.length, examples, state };
}

function assertState(state: string, { state: agreed }: ChangeLimits): void {
  if (agreed === undefined || agreed === state) return;
  throw new HydrogenError(
    'conflict',
    'Nothing was changed: what the change is about is no longer as it was when it was agreed to.',
  );
}

const writeOptions = ({ options }: ServerSession) => {
  const { readPreference: _, ...rest } = options();
  return rest;
};

async function update(
  session: ServerSession,
  change: UpdateRequest,
  filter: Document,
  upsert: boolean,
): Promise<ChangeResult> {
  const { update: given, many, arrayFilters, collation } = change;
  const target = session.client.db(change.database).collection(change.collection);
  const how = {
    ...writeOptions(session),
    ...(collation && { collation: collation as { locale: string } }),
    ...(arrayFilters && { arrayFilters: [...arrayFilters] }),
    upsert,
    // For the _id that an upsert makes.
    ...(upsert && exact),
  };
  const operators = isPipeline(given) ? [...given] : given;
  const { matchedCount, modifiedCount, upsertedId } = isReplacement(given)
    ? await target.replaceOne(filter, given, how)
    : many
      ? await target.updateMany(filter, operators, how)
      : await target.updateOne(filter, operators, how);
  const made = upsertedId === null || upsertedId === undefined ? undefined : { id: upsertedId };
  return {
    matched: Number(matchedCount),
    changed: Number(modifiedCount),
    ...(made && { upsertedId: decode(encode(made))['id'] }),
  };
}

async function remove(session: ServerSession, change: Selection, filter: Document): Promise<ChangeResult> {
  const { collation } = change;
  const { deletedCount } = await session.client
    .db(change.database)
    .collection(change.collection)
    .deleteMany(filter, {
      ...writeOptions(session),
      ...(collation && { collation: collation as { locale: string } }),
    });
  return { matched: deletedCount, changed: deletedCount };
}

/**
 * Looks again, then writes to exactly the documents that were found, as far as they still match. A server
 * outside a transaction cannot do both at once: a document that another client changes between the two, in a
 * way that it still matches, is written all the same; and a change of many documents that fails in the middle
 * leaves those before it changed.
 */
export async function apply(
  session: ServerSession,
  change: Change,
  limits: ChangeLimits,
): Promise<ChangeResult> {
  const target = session.client.db(change.database).collection(change.collection);
  if (change.kind === 'drop_index') {
    assertState(await indexState(session, change), limits);
    await target.dropIndex(change.name, writeOptions(session));
    return { matched: 0, changed: 0 };
  }
  if (change.kind === 'update') checkUpdate(change);
  await requireTarget(session, change);
  const { ids, state } = await touched(session, change, limits);
  assertState(state, limits);
  if (change.kind === 'drop_collection') {
    await target.drop(writeOptions(session));
    return { matched: ids.length, changed: ids.length };
  }
  if (change.kind === 'update' && change.upsert && ids.length === 0) {
    return update(session, change, change.filter, true);
  }
  const total = { matched: 0, changed: 0 };
  for (let at = 0; at < ids.length; at += idsAtATime) {
    const these = { $and: [change.filter, { _id: { $in: ids.slice(at, at + idsAtATime) } }] };
    const made =
      change.kind === 'delete'
        ? await remove(session, change, these)
        : await update(session, change, these, false);
    total.matched += made.matched;
    total.changed += made.changed;
  }
  return total;
}
