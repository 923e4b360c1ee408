import { workerData } from 'node:worker_threads';

// The entry point of the watchdog thread inside the parse process, which runs even while the main thread is busy, on
// every platform. It checks the size of the whole process, since V8's limits do not cover buffers.

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
