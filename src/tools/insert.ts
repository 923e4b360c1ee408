import { z } from 'zod';
import { stringifyExtendedJson } from '../mql/formats.ts';
import { queryObject, target } from './arguments.ts';
import { assertFew, audit } from './changes.ts';
import { defineTool } from './define.ts';
import { plural, queryArgument } from './queries.ts';
import { collectionOf } from './targets.ts';

/** So many ids fit into an answer whatever they are made of. */
const maxIds = 50;

export const insert = defineTool({
  name: 'insert',
  operation: 'write',
  title: 'Insert documents',
  description: 'Inserts new documents, all or none; the collection is made when it is missing.',
  input: z.strictObject({ ...target, documents: z.array(queryObject).min(1) }),
  output: z.strictObject({ inserted: z.int(), ids: z.array(z.unknown()), note: z.string().optional() }),
  async run({ documents: given, ...args }, context) {
    assertFew(given.length, context);
    const target = collectionOf(args, context);
    const documents = given.map((document, i) => queryArgument(`documents.${i}`, document));
    const ids = await target.store.insert(target.namespace, documents, context.call);
    audit(context, 'insert', target, { inserted: ids.length, confirmation: 'not needed' });
    return {
      inserted: ids.length,
      ids: JSON.parse(stringifyExtendedJson(ids.slice(0, maxIds), { relaxed: true })) as unknown[],
      ...(ids.length > maxIds && { note: `${plural(ids.length - maxIds, 'id')} left out.` }),
    };
  },
});
