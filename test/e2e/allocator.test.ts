import { fork, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryDirectory } from '../support/call.ts';
import { linux } from '../support/platform.ts';
import { cli } from '../support/process.ts';

const args = ['serve', '--http', '--set', 'httpPort=0'];
const isLinux = linux('glibc, /proc/PID/environ') && existsSync('/proc/self/environ');

const environmentOf = (pid: number): string[] => readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');

/** A server over HTTP that is up. */
async function served({ env = {}, channel = false }: { env?: Record<string, string>; channel?: boolean }) {
  const { MALLOC_ARENA_MAX: _, ...inherited } = process.env;
  const own = { ...inherited, HYDROGEN_DATA_DIR: await temporaryDirectory(), ...env };
  const stdio: StdioOptions = ['ignore', 'ignore', 'pipe', ...(channel ? (['ipc'] as const) : [])];
  const child = channel
    ? fork(cli, args, { env: own, stdio })
    : spawn(process.execPath, [cli, ...args], { env: own, stdio });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const url = await new Promise<string>((resolve, reject) => {
    if (child.stderr === null) return reject(new Error('no stderr'));
    createInterface({ input: child.stderr }).on('line', (line) => {
      const found = (JSON.parse(line) as { url?: string }).url;
      if (found !== undefined) resolve(found);
    });
    void exited.then(() => reject(new Error('the server ended')));
  });
  return { child, pid: child.pid ?? 0, exited, url };
}

test.runIf(isLinux)(
  'over HTTP a server tells malloc to keep less, and remains the process that was started',
  async () => {
    const { child, pid, exited, url } = await served({});
    expect(environmentOf(pid)).toEqual(
      expect.arrayContaining(['MALLOC_ARENA_MAX=2', 'MALLOC_TRIM_THRESHOLD_=131072']),
    );
    expect((await fetch(url.replace(/mcp$/, 'health/liveness'))).status).toBe(200);
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  },
);

test.runIf(isLinux).each<[string, { env?: Record<string, string>; channel?: boolean }]>([
  ['settings of malloc that are there', { env: { MALLOC_ARENA_MAX: '7' } }],
  ['a channel to the process that started it', { channel: true }],
])('%s is left as it is', async (_what, how) => {
  const { child, pid } = await served(how);
  expect(environmentOf(pid).filter((entry) => entry.startsWith('MALLOC_'))).toEqual(
    Object.entries(how.env ?? {}).map((pair) => pair.join('=')),
  );
  expect(child.connected).toBe(how.channel ?? false);
});
