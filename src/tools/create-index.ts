import { z } from 'zod';
import { queryObject, target } from './common/arguments.ts';
import { audit } from './common/changes.ts';
import { defineTool } from './common/define.ts';
import { fieldHint } from './common/hints.ts';
import { queryArgument } from './common/queries.ts';
import { collectionOf } from './common/targets.ts';

export const createIndex = defineTool({
  name: 'create_index',
  operation: 'write',
  title: 'Create an index',
  description: 'Creates an index, as `explain` suggests.',
  lateAdvice: 'Check whether the index is there (describe_collection) before you try again.',
  input: z.strictObject({
    ...target,
    key: queryObject.describe('e.g. {"status":1,"year":-1}'),
    name: z.string().min(1).max(128).optional(),
    unique: z.boolean().default(false),
  }),
  output: z.strictObject({ name: z.string(), created: z.boolean(), note: z.string().optional() }),
  async run({ name, unique, ...args }, context) {
    const target = collectionOf(args, context);
    const key = queryArgument('key', args.key);
    const index = { ...target.namespace, key, unique, ...(name !== undefined && { name }) };
    const made = await target.store.createIndex(index, context.call);
    if (made.created) {
      audit(context, 'create_index', target, { index: made.name, confirmation: 'not needed' });
    }
    if (!made.created) return { ...made, note: 'It already existed.' };
    const hint = await fieldHint(target.store, target.namespace, Object.keys(key), context.call);
    return { ...made, ...(hint !== '' && { note: hint.trim() }) };
  },
});
