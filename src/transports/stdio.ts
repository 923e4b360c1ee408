import { setTimeout as delay } from 'node:timers/promises';
import { INVALID_REQUEST, STDIO_DEFAULT_MAX_BUFFER_SIZE } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { App } from '../app.ts';
import { owner } from '../call.ts';
import { createServer } from '../server.ts';
import { createLineGuard } from './line-guard.ts';
import { createLineTransport } from './line-transport.ts';

/** Background work begins when the client has had time for its handshake, ms. */
const startAfterMs = 250;

const maxMessageBytes = STDIO_DEFAULT_MAX_BUFFER_SIZE;
const tooLong = `The message is longer than ${maxMessageBytes / 1024 / 1024} MB, the most that is read. Nothing was done: send less at a time.`;

/** How long calls under way may go on when stdin has ended, ms. */
const graceMs = 2_000;

async function answered({ calls }: App): Promise<void> {
  // What has been read is dispatched in the next turns.
  await delay(20);
  for (const until = Date.now() + graceMs; calls.active > 0 && Date.now() < until; ) await delay(20);
}

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
  // The SDK drops what is under way when its input ends, and stops reading at a message that is longer than it
  // takes; this input ends after the last answer, and answers such a message itself.
  const input = createLineGuard(maxMessageBytes, (id) =>
    transport.refuse({ code: INVALID_REQUEST, message: tooLong, id: id ?? null }),
  );
  const transport = createLineTransport(input, process.stdout);
  process.stdin.pipe(input, { end: false });
  // What stands behind the last line break is a line as well.
  process.stdin.once('end', () => input.write('\n'));
  const handle = serveStdio(() => createServer(app, owner), {
    transport,
    onerror: (err) => app.log.warn({ err }, 'protocol error'),
  });
  const starting = setTimeout(() => app.start(), startAfterMs);
  const reason = await ended;
  app.log.info({ reason }, 'stopping');
  clearTimeout(starting);
  if (reason === 'stdin ended') await answered(app);
  // A run goes on at the next start: the app closes first, so that the end of its call does not cancel it.
  const closed = app.close();
  await handle.close();
  await closed;
}
