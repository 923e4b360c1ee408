import { once } from 'node:events';
import { open } from 'node:fs';
import { endAfter, exitWhenIdle, onEndingSignal } from '../../src/ending.ts';
import { createLog } from '../../src/observability/log.ts';
import { startThread } from '../../src/workers/start.ts';

// A process in which something hangs: what, and how it ends, are its arguments.

const [what, how, fifo = ''] = process.argv.slice(2);
const log = createLog('info');

if (what === 'thread')
  await once(startThread(new URL('./hanging-thread.ts', import.meta.url), {}), 'message');
if (what === 'file') open(fifo, 'r', () => {});
setInterval(() => {}, 60_000);

onEndingSignal(async () => {
  if (how === 'leaves') await exitWhenIdle(0, Date.now() + 500, log);
  if (how === 'hangs') endAfter(500, 0, log);
});
log.info('begun');
