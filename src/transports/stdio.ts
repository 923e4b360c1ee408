import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { App } from '../app.ts';
import { owner } from '../call.ts';
import { createServer } from '../server.ts';

/** Background work begins when the client has had time for its handshake, ms. */
const startAfterMs = 250;

/**
 * Serves one client on stdin and stdout until stdin ends or the process is told to stop. Resolves when
 * everything is closed and what was being journaled is journaled.
 */
export async function serveOnStdio(app: App): Promise<void> {
  const ended = new Promise<string>((resolve) => {
    for (const event of ['end', 'close'] as const) process.stdin.once(event, () => resolve('stdin ended'));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
    // A client that is gone without closing its end of stdin.
    process.stdout.on('error', () => resolve('stdout closed'));
  });
  const handle = serveStdio(() => createServer(app, owner), {
    onerror: (err) => app.log.warn({ err }, 'protocol error'),
  });
  const starting = setTimeout(() => app.start(), startAfterMs);
  app.log.info({ reason: await ended }, 'stopping');
  clearTimeout(starting);
  await handle.close();
  await app.close();
}
