import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { createEmbedder } from '../../src/embeddings/embedder.ts';
import { packagedModel } from '../../src/embeddings/models.ts';
import type { Embedder, EmbeddingSettings } from '../../src/embeddings/types.ts';
import { createLibrary, type FileSettings, type LibraryOptions } from '../../src/library/library.ts';
import type { WatchWay } from '../../src/library/sync/files/watchers.ts';
import type { Library } from '../../src/library/types.ts';
import { createLog } from '../../src/observability/log.ts';
import { createEmbeddedLibraryPorts } from '../../src/stores/embedded/index/search-index.ts';
import { createEmbeddedStore } from '../../src/stores/embedded/store.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';

const log = createLog('silent');

export interface LibraryForTest {
  /** The data directory; a new one unless given. */
  readonly directory?: string;
  readonly embedding?: Partial<EmbeddingSettings>;
  /** One that is there already, instead. */
  readonly embedder?: Embedder;
  readonly files?: FileSettings;
  readonly watchWay?: WatchWay;
  readonly languages?: NonNullable<LibraryOptions['languages']>;
  /** Others than those of the store file. */
  readonly ports?: Pick<LibraryOptions, 'catalog' | 'retriever' | 'backfill'>;
}

interface Opened {
  readonly library: Library;
  close(): Promise<void>;
}

let packaged: Embedder | undefined;

/** The packaged model, whose process takes a second to start and is kept for all tests of this process. */
function packagedEmbedder(): Embedder {
  const cacheDirectory = join(tmpdir(), 'hydrogen-test-models');
  packaged ??= createEmbedder({ model: packagedModel, cacheDirectory, timeoutMs: 5_000 }, log);
  return { ...packaged, close: async () => {} };
}

/** A library on a data directory, to be closed. */
export function openOn(
  data: string,
  { embedding, embedder, ports, ...options }: Omit<LibraryForTest, 'directory'> = {},
): Opened {
  const storeFile = createEmbeddedStore(data, 2);
  const settings = { model: packagedModel, cacheDirectory: join(data, 'models'), timeoutMs: 5_000 };
  const library = createLibrary({
    ...createEmbeddedLibraryPorts(storeFile),
    ...ports,
    embedder:
      embedder ?? (embedding ? createEmbedder({ ...settings, ...embedding }, log) : packagedEmbedder()),
    log,
    own: { dataDirectory: data, files: [] },
    ...options,
  });
  return {
    library,
    async close() {
      await library.close();
      await storeFile.close();
    },
  };
}

/** A library on a real store file with the packaged model, closed after the test. */
export async function openLibrary({ directory, ...options }: LibraryForTest = {}): Promise<Library> {
  const { library, close } = openOn(directory ?? (await temporaryDirectory()), options);
  onTestFinished(close);
  return library;
}

const withoutModel = { model: 'none' } as const;

/** A library without a model, for what has nothing to do with vectors. */
export function wordsOnly(options: LibraryForTest = {}): Promise<Library> {
  return openLibrary({ ...options, embedding: withoutModel });
}

/**
 * One library for all tests of a file, whose threads and processes are started once.
 * @param prepare what every test finds in it
 */
function sharedLibrary(
  options: LibraryForTest,
  prepare: (library: Library) => Promise<unknown> = async () => {},
): () => Library {
  let opened: Opened | undefined;
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hydrogen-test-'));
    opened = openOn(directory, options);
    await prepare(opened.library);
  });
  afterAll(async () => {
    await opened?.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  });
  return () => {
    if (opened === undefined) throw new Error('it is open from before the first test to after the last one');
    return opened.library;
  };
}

/** A library without a model for all tests of a file, each of which gets it empty. */
export function sharedWordsOnly(): () => Promise<Library> {
  const shared = sharedLibrary({ embedding: withoutModel });
  return async () => {
    const library = shared();
    for (const { name } of await library.sources(testCall())) await library.removeSource(name, testCall());
    return library;
  };
}

/** A library of these files for all tests of a file, none of which changes it. */
export function sharedLibraryOf(
  files: Readonly<Record<string, string>>,
  options: LibraryForTest = {},
): () => Library {
  return sharedLibrary(options, async (library) => {
    const directory = await mkdtemp(join(tmpdir(), 'hydrogen-test-'));
    const folder = join(directory, 'docs');
    await mkdir(folder);
    await writeFiles(folder, files);
    await library.ingest([folder], testCall());
    await rm(directory, { recursive: true });
  });
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
