import { z } from 'zod';
import { documentId } from './common/arguments.ts';
import { defineTool } from './common/define.ts';

export const removeDocument = defineTool({
  name: 'remove_document',
  operation: 'ingest',
  title: 'Remove a document',
  description: 'Takes a document out of the library (its file stays).',
  input: z.strictObject({ id: documentId }),
  output: z.strictObject({ removed: z.string(), title: z.string(), note: z.string().optional() }),
  async run({ id }, { library, call }) {
    const entry = await library.remove(id, call);
    const { id: removed, title, comesBack } = entry;
    return { removed, title, ...(comesBack && { note: 'The next ingest of its folder brings it back.' }) };
  },
});
