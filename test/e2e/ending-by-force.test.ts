import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../support/call.ts';
import { posix } from '../support/platform.ts';

const hanging = fileURLToPath(new URL('../support/hanging.ts', import.meta.url));

/** A process in which something hangs, told to end `times` times; what it says, and how it ended. */
async function end(args: readonly string[], times = 1) {
  const child = spawn(process.execPath, [hanging, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    const { msg } = JSON.parse(line) as { msg: string };
    lines.push(msg);
    if (msg !== 'begun') continue;
    for (let n = 0; n < times; n++) {
      child.kill('SIGTERM');
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
  }
  const [code, signal] = await exited;
  return { code, signal, forced: lines.includes('did not end in time: ended by force') };
}

// process.exit would wait for each of these.
const killed = { code: null, signal: 'SIGKILL' };

test('a thread inside native code does not keep a process that ends', async () => {
  expect(await end(['thread', 'leaves'])).toEqual({ ...killed, forced: true });
});

test('nor does it at a second signal', async () => {
  expect(await end(['thread', 'nothing'], 2)).toEqual({ ...killed, forced: false });
});

test.runIf(posix('named pipes'))('nor does a file that cannot be opened', async () => {
  const fifo = join(await temporaryDirectory(), 'fifo');
  execFileSync('mkfifo', [fifo]);
  expect(await end(['file', 'leaves', fifo])).toEqual({ ...killed, forced: true });
});

test('a process that does not end by itself is ended', async () => {
  expect(await end(['nothing', 'hangs'])).toEqual({ code: 0, signal: null, forced: true });
});

test('the code of a second signal is that of a shell', async () => {
  expect(await end(['nothing', 'nothing'], 2)).toEqual({ code: 143, signal: null, forced: false });
});
