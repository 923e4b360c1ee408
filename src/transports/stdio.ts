import { setTimeout as delay } from 'node:timers/promises';
import { INVALID_REQUEST, STDIO_DEFAULT_MAX_BUFFER_SIZE } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { App } from '../app.ts';
import { localCaller } from '../call.ts';
import { endAfter, exitWhenIdle, onEndingSignal, settledWithin } from '../ending.ts';
import { isWatchable } from '../protocol/notices.ts';
import { createResourceWatch } from '../protocol/watch.ts';
import { createServer } from '../server.ts';
import { createLineGate } from './line-gate.ts';
import { createLineGuard } from './line-guard.ts';
import { createLineTransport } from './line-transport.ts';
import { watchListening } from './listening.ts';
import { trackRequests } from './open-requests.ts';

/** Background work starts after the client has had time for its handshake, ms. */
const startAfterMs = 250;

const maxMessageBytes = STDIO_DEFAULT_MAX_BUFFER_SIZE;
const tooLong = `The message is longer than ${maxMessageBytes / 2 ** 20} MiB, the limit. Nothing was done: send less at a time.`;

// Deadlines from the end of stdin or a signal, ms.
/** For calls to finish. */
const answerDeadlineMs = 1_000;
/** For refusing what has not been read. */
const refuseDeadlineMs = 1_300;
/** For closing everything. */
const closeDeadlineMs = 2_400;
/** For the process to exit. */
const exitDeadlineMs = 2_850;

/** Resolves when the condition is met, or at a time (ms since the epoch). */
async function until(time: number, isMet: () => boolean): Promise<void> {
  while (!isMet() && Date.now() < time) await delay(5);
}

/**
 * Serves one client on stdin and stdout until stdin ends or the process receives a signal. Then calls in progress get
 * their answers or an error, pending journal entries are written, everything is closed, and the process exits: within
 * three seconds, whatever hangs.
 */
export async function serveOnStdio(app: App): Promise<void> {
  const ended = new Promise<string>((resolve) => {
    for (const event of ['end', 'close'] as const) process.stdin.once(event, () => resolve('stdin ended'));
    // It may be a folder, or a terminal that was closed.
    process.stdin.on('error', ({ code }: NodeJS.ErrnoException) => {
      app.log.warn({ code }, 'stdin cannot be read');
      resolve('stdin ended');
    });
    onEndingSignal(resolve);
    // The client may have exited without closing its end of stdin.
    process.stdout.on('error', () => resolve('stdout closed'));
  });
  // The SDK drops requests in progress when its input ends, and stops reading at an oversized message; this input ends
  // after the last answer, and answers such a message itself.
  const input = createLineGuard(maxMessageBytes, (id) =>
    transport.refuse({ code: INVALID_REQUEST, message: tooLong, id: id ?? null }),
  );
  const gate = createLineGate(input, maxMessageBytes, app.config.callTimeoutMs);
  const transport = createLineTransport(input, process.stdout, gate);
  const requests = trackRequests(transport);
  const watch = createResourceWatch(app);
  const caller = localCaller(app.config.localRole);
  const listening = watchListening(requests.transport, watch, (uri) => isWatchable(uri, { app, caller }));
  process.stdin.pipe(input, { end: false });
  // Completes a last line without a line break.
  process.stdin.once('end', () => input.write('\n'));
  const handle = serveStdio(
    () => createServer(app, caller, { watch, addressOf: ({ id }) => app.exports.pathOf(id) }),
    {
      transport: listening,
      onerror: (err) => app.log.warn({ err }, 'protocol error'),
    },
  );
  const starting = setTimeout(() => app.start(), startAfterMs);

  const isRead = (): boolean => gate.isIdle && input.readableLength === 0 && input.writableLength === 0;
  const isDone = (): boolean => isRead() && requests.size === 0;
  const refuseRest = (): void => {
    requests.refuse();
    gate.open();
  };

  const reason = await ended;
  const begun = Date.now();
  watch.close();
  app.log.info({ reason }, 'stopping');
  endAfter(exitDeadlineMs, 0, app.log);
  clearTimeout(starting);
  if (reason === 'stdin ended') {
    // What has been read is dispatched in the next turns of the event loop.
    await delay(20);
  } else refuseRest();
  if (reason !== 'stdout closed') {
    await until(begun + answerDeadlineMs, isDone);
    refuseRest();
    await until(begun + refuseDeadlineMs, isRead);
  }
  // Before the connection closes, which would cancel the runs that calls wait for; they continue at the next start.
  await app.calls.end();
  await until(Date.now() + 20, isDone);
  requests.cutShort();
  await app.close(begun + closeDeadlineMs - Date.now());
  await settledWithin(begun + closeDeadlineMs - Date.now(), handle.close());
  // Waits for a client that reads slowly, but not for one that does not read at all.
  await until(begun + closeDeadlineMs, () => process.stdout.writableLength === 0);
  process.stdin.unpipe(input);
  process.stdin.destroy();
  await exitWhenIdle(0, begun + exitDeadlineMs, app.log);
}
