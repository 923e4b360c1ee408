import { onTestFinished } from 'vitest';
import { createEmbeddedIndex } from '../../../src/stores/index/embedded/search-index.ts';
import type { NewDocument, SearchIndex } from '../../../src/stores/index/types.ts';
import { createStoreFile } from '../../../src/stores/sqlite/store-file.ts';
import { temporaryDirectory } from '../../support/call.ts';

/** The embedded index on a store file of its own, or on that of another one. */
export async function openIndex(directory?: string): Promise<SearchIndex> {
  const file = createStoreFile(directory ?? (await temporaryDirectory()), 1);
  onTestFinished(() => file.close());
  return createEmbeddedIndex(file);
}

/** A document with one passage for each text; only the text is indexed. */
export function documentOf(id: string, ...texts: string[]): NewDocument {
  const text = texts.join('\n');
  return {
    id,
    title: '',
    type: 'text',
    bytes: text.length,
    text,
    metadata: {},
    hash: '',
    format: 'test',
    chunks: texts.map((one, i) => ({
      id: `${id}#${i} ${one}`,
      heading: [],
      lines: [i + 1, i + 1],
      text: one,
    })),
  };
}
