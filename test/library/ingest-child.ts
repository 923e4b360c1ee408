// A process of its own that ingests: node ingest-child.ts DATA_DIRECTORY FOLDER. Prints progress messages.

import { join } from 'node:path';
import { owner } from '../../src/call.ts';
import { createEmbedder } from '../../src/embeddings/embedder.ts';
import { createLibrary } from '../../src/library/library.ts';
import { createLog } from '../../src/observability/log.ts';
import { createEmbeddedLibraryPorts } from '../../src/stores/embedded/index/search-index.ts';
import { createEmbeddedStore } from '../../src/stores/embedded/store.ts';

const [directory = '', folder = ''] = process.argv.slice(2);
const log = createLog('warn');
const storeFile = createEmbeddedStore(directory, 2);
const embedder = createEmbedder(
  { model: 'hydrogen-embed-small-en', cacheDirectory: join(directory, 'models'), timeoutMs: 5_000 },
  log,
);
const library = createLibrary({
  ...createEmbeddedLibraryPorts(storeFile),
  embedder,
  log,
  own: { dataDirectory: directory, files: [] },
});
const report = await library.ingest([folder], {
  caller: owner,
  signal: new AbortController().signal,
  deadline: Number.POSITIVE_INFINITY,
  progress: ({ message }) => console.log(message),
  log,
});
console.log(JSON.stringify(report));
await library.close();
await storeFile.close();
