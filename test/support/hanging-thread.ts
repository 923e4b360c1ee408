import { DatabaseSync } from 'node:sqlite';
import { parentPort } from 'node:worker_threads';

// A thread that is in native code for hours, where nothing of JavaScript reaches it.
parentPort?.postMessage('begun');
new DatabaseSync(':memory:')
  .prepare('WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c')
  .get();
