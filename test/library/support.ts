import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createEmbedder } from '../../src/embeddings/embedder.ts';
import type { EmbeddingSettings } from '../../src/embeddings/types.ts';
import { createLibrary, type FileSettings, type LibraryOptions } from '../../src/library/library.ts';
import type { Library } from '../../src/library/types.ts';
import { createLog } from '../../src/observability/log.ts';
import { createEmbeddedLibraryPorts } from '../../src/stores/embedded/index/search-index.ts';
import { createEmbeddedStore } from '../../src/stores/embedded/store.ts';
import { temporaryDirectory } from '../support/call.ts';

const log = createLog('silent');

export interface LibraryForTest {
  /** The data directory; a new one unless given. */
  readonly directory?: string;
  readonly embedding?: Partial<EmbeddingSettings>;
  readonly files?: FileSettings;
  /** Others than those of the store file. */
  readonly ports?: Pick<LibraryOptions, 'catalog' | 'retriever' | 'backfill'>;
}

/** A library on a real store file with the packaged model, closed after the test. */
export async function openLibrary({
  directory,
  embedding,
  ports,
  ...options
}: LibraryForTest = {}): Promise<Library> {
  const data = directory ?? (await temporaryDirectory());
  const storeFile = createEmbeddedStore(data, 2);
  const settings = {
    model: 'hydrogen-embed-small-en',
    cacheDirectory: join(data, 'models'),
    timeoutMs: 5_000,
  };
  const embedder = createEmbedder({ ...settings, ...embedding }, log);
  const library = createLibrary({
    ...createEmbeddedLibraryPorts(storeFile),
    ...ports,
    embedder,
    log,
    own: { dataDirectory: data, files: [] },
    ...options,
  });
  onTestFinished(async () => {
    await library.close();
    await storeFile.close();
  });
  return library;
}

/** A library without a model, for what has nothing to do with vectors. */
export function wordsOnly(options: LibraryForTest = {}): Promise<Library> {
  return openLibrary({ ...options, embedding: { model: 'none' } });
}

/** Writes files into a folder called `name` and returns its path. */
export async function folderOf(
  files: Readonly<Record<string, string | Uint8Array>>,
  name = 'docs',
): Promise<string> {
  const folder = join(await temporaryDirectory(), name);
  await mkdir(folder);
  await writeFiles(folder, files);
  return folder;
}

export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** Three short documents about different things. */
export const smallLibrary = {
  'storage.md':
    '# Storage\n\nHydrogen is kept in steel bottles at high pressure.\n\n## Caverns\n\nLarge amounts are stored underground in cavities washed out of salt domes.\n',
  'safety.md':
    '# Safety\n\n## Leaks\n\nA sensor at the ceiling raises the alarm when gas escapes from a fitting.\n',
  'cost.txt': 'Electricity makes up most of the cost of electrolysis.\n',
};
