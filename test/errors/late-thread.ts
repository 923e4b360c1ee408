import { callLate } from '../../src/errors.ts';
import { serveJobs } from '../../src/workflows/threads/serve-jobs.ts';

// A job thread whose work finds out by itself that its time is over.

await serveJobs(async () => () => {
  throw callLate();
});
