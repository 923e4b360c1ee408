import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createEmbedder } from '../../../src/embeddings/embedder.ts';
import { createLibrary, type LibraryOptions } from '../../../src/library/library.ts';
import type { CollectionSource } from '../../../src/library/sync/collections/collection-source.ts';
import type { Library } from '../../../src/library/types.ts';
import { createLog } from '../../../src/observability/log.ts';
import type { DocumentStore } from '../../../src/stores/documents/document-store.ts';
import { createEmbeddedDocuments } from '../../../src/stores/embedded/documents/documents.ts';
import { createEmbeddedLibraryPorts } from '../../../src/stores/embedded/index/search-index.ts';
import { createEmbeddedStore } from '../../../src/stores/embedded/store.ts';
import { testCall } from '../../support/call.ts';

export interface Synced {
  readonly library: Library;
  readonly embedded: DocumentStore;
}

/** A library whose words follow a collection, of the embedded store unless another is given. */
export function synced(
  directory: string,
  source: Partial<CollectionSource> & Pick<CollectionSource, 'namespace' | 'fields'>,
  scanEveryMs = 300,
  ports?: Pick<LibraryOptions, 'catalog' | 'retriever' | 'backfill'>,
): Synced {
  const log = createLog('silent');
  const storeFile = createEmbeddedStore(directory, 1);
  const embedded = createEmbeddedDocuments(storeFile);
  const embedder = createEmbedder(
    { model: 'none', cacheDirectory: join(directory, 'models'), timeoutMs: 1_000 },
    log,
  );
  const definition = { name: 'reports', connection: 'embedded', store: embedded, ...source };
  const library = createLibrary({
    ...createEmbeddedLibraryPorts(storeFile),
    ...ports,
    embedder,
    log,
    own: { dataDirectory: directory, files: [] },
    collections: [definition],
    scanEveryMs,
  });
  onTestFinished(async () => {
    await library.close();
    await storeFile.close();
  });
  return { library, embedded };
}

/** The documents that hold a word. */
export async function found(library: Library, word: string): Promise<string[]> {
  const { hits } = await library.search({ query: word, limit: 10, mode: 'keyword' }, testCall());
  return hits.map(({ document }) => document);
}
