import { EventEmitter } from 'node:events';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { createPathWatch } from '../../../src/library/sync/files/watch.ts';
import { createLog } from '../../../src/observability/log.ts';

// Network drives of Windows that report no changes, or lose their connection: neither can be had here, so what watches a tree
// is replaced.

const native = vi.hoisted(() => ({ watch: (): unknown => undefined }));

vi.mock('node:fs', async (original) => ({
  ...(await original<typeof import('node:fs')>()),
  watch: () => native.watch(),
}));

const failure = (code: string): Error => Object.assign(new Error(code), { code });
const unwatchable = (): never => {
  throw failure('ENOSYS');
};

/** The watchers that were started. */
let started: EventEmitter[] = [];
const watchable = (): EventEmitter => {
  const watcher = Object.assign(new EventEmitter(), { close: () => {} });
  started.push(watcher);
  return watcher;
};

beforeEach(() => {
  started = [];
});

function watching() {
  const [read, said]: [string[], string[]] = [[], []];
  const log = createLog('warn', 'text', (line) => said.push(line));
  const watch = createPathWatch(
    async (path) => void read.push(path),
    'tree',
    new AbortController().signal,
    log,
  );
  onTestFinished(() => watch.close());
  return { watch, read, said };
}

test('a folder that cannot be watched is read once all the same, and that is told once', async () => {
  const { watch, read, said } = watching();
  native.watch = unwatchable;

  await watch.follow(['/docs']);
  await watch.follow(['/docs']);

  expect([read, said.length]).toEqual([['/docs'], 1]);
});

test('a folder that can be watched later is, and is read for what was missed', async () => {
  const { watch, read } = watching();
  native.watch = unwatchable;
  await watch.follow(['/docs']);
  native.watch = watchable;

  await watch.follow(['/docs']);
  await watch.follow(['/docs']);

  expect([read, started.length]).toEqual([['/docs', '/docs'], 1]);
});

test('a folder whose watcher failed is watched and read again', async () => {
  const { watch, read } = watching();
  native.watch = watchable;
  await watch.follow(['/docs']);
  started[0]?.emit('error', failure('ETIMEDOUT'));

  await vi.waitFor(async () => {
    await watch.follow(['/docs']);
    expect([read, started.length]).toEqual([['/docs', '/docs'], 2]);
  });
});
