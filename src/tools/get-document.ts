import { z } from 'zod';
import { HydrogenError } from '../errors.ts';
import { documentId } from './arguments.ts';
import { defineTool } from './define.ts';

export const getDocument = defineTool({
  name: 'get_document',
  operation: 'read',
  title: 'Read a document',
  description: 'The text of a document, from a line on.',
  input: z.strictObject({ id: documentId, from_line: z.int().min(1).default(1) }),
  async run({ id, from_line: from }, { library, config, call }) {
    const part = await library.get(id, { from, maxBytes: config.maxAnswerBytes - 500 }, call);
    const most = config.maxAnswerBytes - 500;
    if (Buffer.byteLength(part.text) > most) {
      throw new HydrogenError(
        'too_large',
        `Line ${part.from} of "${id}" alone is larger than an answer (${most.toLocaleString('en')} bytes). Find what you need in it with search and within "${id}", or go on with from_line ${part.from + 1}.`,
      );
    }
    const more =
      part.to < part.total
        ? ` More follows: repeat the call with from_line ${part.to + 1}.`
        : ' This is the end.';
    return {
      summary: `"${part.entry.title}" (${id}), lines ${part.from}-${part.to} of ${part.total}.${more}`,
      text: part.text,
    };
  },
});
