import { basename } from 'node:path';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts a worker thread from its source file's URL. In the bundle every entry point lies beside the
 * chunk that starts it; in the sources it lies where its URL says.
 */
export function startThread(source: URL, options: WorkerOptions): Worker {
  const bundled = import.meta.url.endsWith('.js');
  const url = bundled ? new URL(`./${basename(source.pathname, '.ts')}.js`, import.meta.url) : source;
  // Nothing a thread prints may reach the protocol on stdout. Its stream is left unread: reading it would
  // keep the process alive.
  return new Worker(url, { stdout: true, stderr: false, ...options });
}
