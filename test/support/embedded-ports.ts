import { onTestFinished } from 'vitest';
import {
  createEmbeddedIndex,
  createEmbeddedLibraryPorts,
  type EmbeddedIndex,
} from '../../src/stores/embedded/index/search-index.ts';
import { createEmbeddedStore } from '../../src/stores/embedded/store.ts';
import type { BackfillLease } from '../../src/stores/index/types.ts';
import { temporaryDirectory } from './call.ts';

/** An empty embedded index, as the suites of its ports take it: exact, and seen at once by whoever looks. */
export const embeddedPorts = {
  name: 'embedded',
  tolerance: 1e-9,
  eventually: (checks: () => Promise<void>): Promise<void> => checks(),
  async index(): Promise<EmbeddedIndex> {
    const file = createEmbeddedStore(await temporaryDirectory(), 1);
    onTestFinished(() => file.close());
    return createEmbeddedIndex(file);
  },
  async lease(): Promise<BackfillLease> {
    const file = createEmbeddedStore(await temporaryDirectory(), 1);
    onTestFinished(() => file.close());
    return createEmbeddedLibraryPorts(file).lease;
  },
} as const;
