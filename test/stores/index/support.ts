import { onTestFinished } from 'vitest';
import { createEmbeddedIndex, type EmbeddedIndex } from '../../../src/stores/embedded/index/search-index.ts';
import { createEmbeddedStore } from '../../../src/stores/embedded/store.ts';
import type { NewDocument } from '../../../src/stores/index/types.ts';
import { temporaryDirectory } from '../../support/call.ts';
import { documentOf as documentWith } from '../ports.ts';

/** The embedded index on a store file of its own, or on that of another one. */
export async function openIndex(directory?: string): Promise<EmbeddedIndex> {
  const file = createEmbeddedStore(directory ?? (await temporaryDirectory()), 1);
  onTestFinished(() => file.close());
  return createEmbeddedIndex(file);
}

/** A document with one passage for each text; only the text is indexed. */
export const documentOf = (id: string, ...texts: string[]): NewDocument => documentWith(id, texts);
