import { z } from 'zod';
import { target } from './arguments.ts';
import { defineTool } from './define.ts';
import { plural } from './queries.ts';
import { collectionOf } from './targets.ts';

export const describeCollection = defineTool({
  name: 'describe_collection',
  operation: 'read',
  title: 'Describe a collection',
  description:
    'The fields of a collection: types, how often they are there, examples. Use it before writing a query.',
  input: z.strictObject(target),
  async run(args, context) {
    const { store, namespace } = collectionOf(args, context);
    const found = await store.describe(namespace, context.call);
    const rows = found.fields.map(({ path, types, present, examples }) => ({
      field: path,
      types: Object.keys(types).length === 1 ? Object.keys(types)[0] : types,
      ...(present < found.sampled && { present: `${Math.round((100 * present) / found.sampled)}%` }),
      ...(examples.length > 0 && { examples }),
    }));
    const size = `${plural(found.documents, 'document')}, ${found.bytes.toLocaleString('en')} bytes`;
    const seen = found.sampled < found.documents ? ` Fields from a sample of ${found.sampled}.` : '';
    const left = found.fieldsLeftOut ? ' There are more fields than are listed.' : '';
    return { summary: `Collection "${namespace.collection}": ${size}.${seen}${left}`, rows };
  },
});
