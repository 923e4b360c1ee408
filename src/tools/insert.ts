import { z } from 'zod';
import type { Call } from '../call.ts';
import { HydrogenError } from '../errors.ts';
import { stringifyExtendedJson } from '../mql/formats.ts';
import { listOf, queryObject, target } from './common/arguments.ts';
import { assertWithinWriteLimit, audit } from './common/changes.ts';
import { defineTool } from './common/define.ts';
import { plural, queryArgument } from './common/queries.ts';
import { type CollectionTarget, collectionOf } from './common/targets.ts';

/** This many ids fit into an answer, whatever their type. */
const maxIds = 50;

/** A misspelt name would create a collection, so the answer says when it did. */
async function newCollectionNote({ store, namespace }: CollectionTarget, call: Call): Promise<string[]> {
  try {
    await store.indexes(namespace, call);
    return [];
  } catch (error) {
    if (!(error instanceof HydrogenError) || error.code !== 'not_found') throw error;
    const made = `The collection "${namespace.collection}" was created.`;
    return error.suggestions.length === 0
      ? [made]
      : [made, error.message.replace('There is no', 'There was no')];
  }
}

export const insert = defineTool({
  name: 'insert',
  operation: 'write',
  title: 'Insert documents',
  description:
    'Inserts new documents, creating the collection if missing. All or none; a server stops at the first it rejects.',
  lateAdvice: 'Check whether the documents are there, and insert fewer at a time.',
  input: z.strictObject({ ...target, documents: listOf(queryObject, { min: 1 }) }),
  output: z.strictObject({ inserted: z.int(), ids: z.array(z.unknown()), note: z.string().optional() }),
  async run({ documents: given, ...args }, context) {
    assertWithinWriteLimit(given.length, context);
    const target = collectionOf(args, context);
    const documents = given.map((document, i) => queryArgument(`documents.${i}`, document));
    const made = await newCollectionNote(target, context.call);
    const ids = await target.store.insert(target.namespace, documents, context.call);
    audit(context, 'insert', target, { inserted: ids.length, confirmation: 'not needed' });
    const cut = ids.length > maxIds ? [`${plural(ids.length - maxIds, 'id')} left out.`] : [];
    const notes = [...made, ...cut];
    return {
      inserted: ids.length,
      ids: JSON.parse(stringifyExtendedJson(ids.slice(0, maxIds), { relaxed: true })) as unknown[],
      ...(notes.length > 0 && { note: notes.join(' ') }),
    };
  },
});
