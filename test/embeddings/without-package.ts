// Loads the model and prints what became of it.

import { owner } from '../../src/call.ts';
import { createEmbedder } from '../../src/embeddings/embedder.ts';
import { createLog } from '../../src/observability/log.ts';

const log = createLog('silent');
const embedder = createEmbedder(
  { model: 'hydrogen-embed-small-en', cacheDirectory: '.', timeoutMs: 1_000 },
  log,
);
const signal = new AbortController().signal;
await embedder
  .ready({ caller: owner, signal, deadline: Date.now() + 10_000, progress() {}, log })
  .catch(() => {});
console.log(JSON.stringify(embedder.status()));
await embedder.close();
