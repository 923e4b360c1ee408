import { createHash } from 'node:crypto';
import { badInput, HydrogenError } from '../../../errors.ts';
import { compileUpdate, type Document, decode, encode } from '../../../mql/index.ts';
import type { Change, ChangeLimits, ChangeResult, Preview, UpdateRequest } from '../document-store.ts';
import { requireCollection } from './collections.ts';
import { exact } from './driver.ts';
import { batchSize } from './find.ts';
import { namedIndex } from './indexes.ts';
import type { ServerSession } from './server.ts';

type DocumentChange = Exclude<Change, { kind: 'drop_index' }>;

const maxExamples = 2;
/** What the documents of one change may be, bytes of BSON: they are read to know what would change. */
const maxBytes = 100 * 1024 * 1024;
/** `_id`s of one command: it stays far below the 16 MB that a command may be. */
const idsAtATime = 5_000;

interface Touched {
  readonly ids: unknown[];
  readonly examples: Document[];
  readonly state: string;
}

function tooMany(reason: string): HydrogenError {
  return new HydrogenError(
    'too_large',
    `Nothing was changed: ${reason}. Narrow the filter and make the change in parts.`,
  );
}

const selectionOf = (change: DocumentChange) =>
  change.kind === 'drop_collection' ? { filter: {}, many: true } : change;

/** The documents a change is about, in the order of their `_id`s, and a digest of them. */
async function touched(
  session: ServerSession,
  change: DocumentChange,
  { maxDocuments }: ChangeLimits,
): Promise<Touched> {
  const { filter, many, ...rest } = selectionOf(change);
  const collation = 'collation' in rest ? rest.collation : undefined;
  const most = many ? maxDocuments + 1 : 1;
  const cursor = session.client
    .db(change.database)
    .collection(change.collection)
    .find(filter, {
      ...session.options(),
      // What is changed is on the primary.
      readPreference: 'primary',
      ...(many && { sort: { _id: 1 } }),
      ...(collation && { collation: collation as { locale: string } }),
      limit: most,
      batchSize: Math.min(most, batchSize),
      raw: true,
    });
  const hash = createHash('sha256');
  const ids: unknown[] = [];
  const examples: Document[] = [];
  let bytes = 0;
  try {
    for await (const raw of cursor) {
      const bson = raw as unknown as Uint8Array;
      if (ids.length === maxDocuments) {
        throw tooMany(
          `more than ${maxDocuments.toLocaleString('en')} documents match, which is the most for one call (maxWriteDocuments)`,
        );
      }
      bytes += bson.byteLength;
      if (bytes > maxBytes) throw tooMany('the documents that match are more than 100 MiB');
      hash.update(bson);
      const document = decode(bson);
      ids.push(document['_id']);
      if (examples.length < maxExamples) examples.push(document);
    }
  } finally {
    await cursor.close();
  }
  return { ids, examples, state: hash.digest('base64url') };
}

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
  const { client, options } = session;
  const writeOptions = () => {
    const { readPreference: _, ...rest } = options();
    return rest;
  };
  const database = client.db(change.database);
  const target = database.collection(change.collection);
  if (change.kind === 'drop_index') {
    assertState(await indexState(session, change), limits);
    await target.dropIndex(change.name, writeOptions());
    return { matched: 0, changed: 0 };
  }
  if (change.kind === 'update') checkUpdate(change);
  await requireTarget(session, change);
  const { ids, state } = await touched(session, change, limits);
  assertState(state, limits);
  if (change.kind === 'drop_collection') {
    await target.drop(writeOptions());
    return { matched: ids.length, changed: ids.length };
  }
  const collation = change.collation && { collation: change.collation as { locale: string } };
  if (change.kind === 'update' && ids.length === 0) {
    if (!change.upsert) return { matched: 0, changed: 0 };
    const made = await updateOnce(change.filter, true);
    return { matched: made.matched, changed: made.changed, ...made.upserted };
  }
  let changed = 0;
  let matched = 0;
  for (let at = 0; at < ids.length; at += idsAtATime) {
    const some = { $and: [change.filter, { _id: { $in: ids.slice(at, at + idsAtATime) } }] };
    if (change.kind === 'delete') {
      const { deletedCount } = await target.deleteMany(some, { ...writeOptions(), ...collation });
      matched += deletedCount;
      changed += deletedCount;
    } else {
      const made = await updateOnce(some, false);
      matched += made.matched;
      changed += made.changed;
    }
  }
  return { matched, changed };

  async function updateOnce(filter: Document, upsert: boolean) {
    const { update, many, arrayFilters } = change as UpdateRequest;
    const given = isPipeline(update) ? [...update] : update;
    const how = {
      ...writeOptions(),
      ...collation,
      ...(arrayFilters && { arrayFilters: [...arrayFilters] }),
      upsert,
      // For the _id that an upsert makes.
      ...(upsert && exact),
    };
    const result = isReplacement(update)
      ? await target.replaceOne(filter, update, how)
      : many
        ? await target.updateMany(filter, given, how)
        : await target.updateOne(filter, given, how);
    const { matchedCount, modifiedCount, upsertedId } = result;
    const upserted =
      upsertedId === null || upsertedId === undefined
        ? {}
        : { upsertedId: decode(encode({ id: upsertedId }))['id'] };
    return { matched: matchedCount, changed: modifiedCount, upserted };
  }
}
