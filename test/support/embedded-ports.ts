import { onTestFinished } from 'vitest';
import type { StoreFile } from '../../src/stores/embedded/engine/store-file.ts';
import {
  createEmbeddedCatalog,
  createEmbeddedIndex,
  createEmbeddedLibraryPorts,
  type EmbeddedIndex,
} from '../../src/stores/embedded/index/search-index.ts';
import { createEmbeddedStore } from '../../src/stores/embedded/store.ts';
import { withPassagesIn } from '../../src/stores/index/passages-elsewhere.ts';
import type {
  Backfill,
  BackfillLease,
  Catalog,
  DocumentCatalog,
  LibraryPorts,
  Retriever,
} from '../../src/stores/index/types.ts';
import { temporaryDirectory } from './call.ts';

/** A catalog and what its passages are in. */
interface Apart {
  readonly catalog: Catalog;
  readonly retriever: Retriever;
  readonly backfill: Backfill;
}

async function openStore(directory?: string): Promise<StoreFile> {
  const file = createEmbeddedStore(directory ?? (await temporaryDirectory()), 1);
  onTestFinished(() => file.close());
  return file;
}

/** The embedded index as a retriever alone: its documents refer to sources, which its own catalog is told of first. */
async function passagesAlone(): Promise<Retriever & Backfill> {
  const index = createEmbeddedIndex(await openStore());
  return {
    ...index,
    async upsert(documents, call) {
      const sources = new Set(documents.flatMap(({ origin }) => origin?.source ?? []));
      for (const source of sources) await index.source(`elsewhere:${source}`, source, call);
      await index.upsert(documents, call);
    },
  };
}

/** Empty embedded stores, as the suites of ports take them: exact, and seen at once by whoever looks. */
export const embeddedPorts = {
  name: 'embedded',
  tolerance: 1e-9,
  eventually: (checks: () => Promise<void>): Promise<void> => checks(),
  index: async (): Promise<EmbeddedIndex> => createEmbeddedIndex(await openStore()),
  async retriever(): Promise<{ readonly retriever: Retriever; readonly backfill: Backfill }> {
    const passages = await passagesAlone();
    return { retriever: passages, backfill: passages };
  },
  library: async (): Promise<LibraryPorts> => createEmbeddedLibraryPorts(await openStore()),
  lease: async (): Promise<BackfillLease> => createEmbeddedLibraryPorts(await openStore()).lease,
  /** A catalog in one store file, a new one unless a data directory is given, and its passages in another. */
  async apart(documentsIn?: string): Promise<Apart> {
    const passages = await passagesAlone();
    const documents = createEmbeddedCatalog(await openStore(documentsIn));
    return {
      catalog: withPassagesIn(passages, 'another store', documents),
      retriever: passages,
      backfill: passages,
    };
  },
  /** Without passages anywhere. */
  documents: async (): Promise<DocumentCatalog> => createEmbeddedCatalog(await openStore()),
} as const;
