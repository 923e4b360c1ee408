import { z } from 'zod';
import { defineTool } from './common/define.ts';

export const removeSource = defineTool({
  name: 'remove_source',
  operation: 'ingest',
  title: 'Remove a source',
  description: 'Takes a source with all its documents out of the library (files and collections stay).',
  input: z.strictObject({ name: z.string().min(1).max(255) }),
  output: z.strictObject({ removed: z.string(), documents: z.int() }),
  async run({ name }, { library, call }) {
    return { removed: name, documents: await library.removeSource(name, call) };
  },
});
