import { workerData } from 'node:worker_threads';

// The entry point of the thread that watches over the parse process from inside: it runs whatever the main
// thread is busy with, and on every platform. Buffers are outside the limits that V8 knows; the size of the
// whole process is what counts.

const { parent, maxBytes } = workerData as { parent: number; maxBytes: number };

const intervalMs = 25;

function isOrphan(): boolean {
  if (process.ppid !== parent) return true;
  try {
    process.kill(parent, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

setInterval(() => {
  if (process.memoryUsage.rss() > maxBytes || isOrphan()) process.kill(process.pid, 'SIGKILL');
}, intervalMs);
