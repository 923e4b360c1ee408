import { createStoreFile, type StoreFile } from './engine/store-file.ts';
import { formatVersion } from './format.ts';

/**
 * The embedded store of a data directory: its documents, search index, journal and spent confirmations are in one file.
 * Nothing is opened before it is used.
 * @param directory the data directory; created if it is missing
 * @param readers maximum number of read threads
 */
export function createEmbeddedStore(directory: string, readers: number): StoreFile {
  const thread = new URL('./store-thread.ts', import.meta.url);
  return createStoreFile({ directory, readers, thread, format: formatVersion });
}
