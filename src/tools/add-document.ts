import { z } from 'zod';
import { queryObject } from './common/arguments.ts';
import { defineTool } from './common/define.ts';

export const addDocument = defineTool({
  name: 'add_document',
  operation: 'ingest',
  title: 'Add a document',
  description: 'Puts text into the library under a name; the same name replaces it.',
  lateAdvice: 'Try again, or send it in parts.',
  input: z.strictObject({
    name: z.string().min(1).max(200),
    text: z.string().min(1).max(2_000_000),
    title: z.string().min(1).max(500).optional(),
    type: z.enum(['markdown', 'text', 'html']).default('markdown'),
    metadata: queryObject.default({}),
  }),
  output: z.strictObject({ id: z.string(), title: z.string(), passages: z.int() }),
  async run({ title, ...document }, { library, call }) {
    const entry = await library.add({ ...document, ...(title !== undefined && { title }) }, call);
    return { id: entry.id, title: entry.title, passages: entry.chunks };
  },
});
