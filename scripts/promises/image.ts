// The image: built with buildah (docker needs an engine), its size above its base, and what it does as nobody special on a
// read-only root.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Finished, finished } from '../security/tools.ts';
import { onPath } from '../servers/installation.ts';
import { below, fact, mebibyte, type Promised } from './promise.ts';

const base = 'node:24-bookworm-slim';
const tag = 'hydrogen-mcp-promises';
const wholeLimitMb = 500;
const aboveLimitMb = 150;
const buildLimitS = 60;
const startLimitMs = 5_000;

// Neither needs an engine or privileges beyond root's.
const how = { STORAGE_DRIVER: 'vfs', BUILDAH_ISOLATION: 'chroot' };

/** What stands on stdout of a command that has to succeed. */
async function buildah(root: string, ...args: readonly string[]): Promise<string> {
  const { code, out, err } = await finished('buildah', args, root, how);
  if (code !== 0) throw new Error(`buildah ${args[0]} failed: ${err.trim().split('\n').slice(-3).join(' ')}`);
  return out.trim();
}

async function bytesOf(root: string, image: string): Promise<number> {
  const [{ size } = { size: '' }] = JSON.parse(await buildah(root, 'images', '--json', image)) as {
    size: string;
  }[];
  const [, value = '', unit = ''] = /^([\d.]+) ([KMG]?)B$/.exec(size) ?? [];
  return Number(value) * { '': 1, K: 1e3, M: 1e6, G: 1e9 }[unit as '' | 'K' | 'M' | 'G'];
}

/** Why there is no base to build on; undefined where there is. */
async function missingBase(root: string): Promise<string | undefined> {
  if ((await finished('buildah', ['images', base], root, how)).code === 0) return undefined;
  if ((await finished('buildah', ['pull', '--quiet', base], root, how)).code === 0) return undefined;
  if (!onPath('debootstrap'))
    return 'no image registry answers, and there is no debootstrap to make a stand-in for the base';
  const npm = (await finished('npm', ['root', '--global'], root)).out.trim();
  const made = await finished(
    join(root, 'scripts/promises/base.sh'),
    [process.execPath, join(npm, 'npm'), base],
    root,
    how,
  );
  return made.code === 0 ? undefined : `a stand-in for the base could not be made: ${made.err.trim()}`;
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return String(typeof address === 'object' ? address?.port : '');
}

interface Container {
  readonly run: (command: readonly string[]) => Promise<Finished>;
  readonly start: (command: readonly string[]) => ChildProcess;
}

const server = ['node', 'dist/cli.js', 'serve', '--http'];

async function begins({ run }: Container): Promise<Promised[]> {
  const { code, err } = await run(server);
  const words = 'with nothing set it ends with code 2 and says what is missing';
  const writes = await run(['sh', '-c', 'id -u; touch /app/x /tmp/x']);
  return [
    fact(words, code === 2 && /^hydrogen: .*httpTrustedProxies.*\n$/.test(err), `${code}: ${err.trim()}`),
    fact(
      'it runs as nobody special, and can write nowhere but /data',
      writes.out.trim() === '1000' && writes.err.match(/Read-only file system/g)?.length === 2,
      `uid ${writes.out.trim()}`,
    ),
  ];
}

/** With a key and a gateway, until its health check says that it lives. */
async function serves({ run, start }: Container): Promise<Promised[]> {
  const settings = ['HYDROGEN_HTTP_TRUSTED_PROXIES=127.0.0.1', `HYDROGEN_HTTP_PORT=${await freePort()}`];
  const made = await run(['node', 'dist/cli.js', 'keys', 'create', 'promises', '--scopes', 'read']);
  const begun = performance.now();
  const child = start([...settings, ...server]);
  try {
    let health: Finished;
    do {
      await delay(100);
      health = await run([...settings, 'node', 'health-check.mjs', '--liveness']);
    } while (health.code !== 0 && performance.now() - begun < 2 * startLimitMs && child.exitCode === null);
    const seconds = (performance.now() - begun) / 1_000;
    return [
      fact(
        'with a key it serves, by its own health check',
        made.code === 0 && health.code === 0,
        health.out.trim(),
      ),
      below('start in the image, until its health check succeeds', seconds, startLimitMs / 1_000, 's'),
    ];
  } finally {
    // unshare takes no notice of SIGTERM; with it goes what it started.
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
}

/** @returns why it cannot be done here, or what was measured */
export async function measureImage(root: string): Promise<string | Promised[]> {
  if (!onPath('buildah')) return 'there is no buildah (Debian: apt-get install buildah debootstrap)';
  if (process.getuid?.() !== 0) return 'it needs root, to run the image on a read-only root';
  const reason = await missingBase(root);
  if (reason !== undefined) return reason;

  const begun = performance.now();
  await buildah(root, 'bud', '--pull-never', '--no-cache', '--tag', tag, '.');
  const seconds = (performance.now() - begun) / 1_000;
  const whole = await bytesOf(root, tag);
  const above = whole - (await bytesOf(root, base));
  const promises = [
    below('image', whole / mebibyte, wholeLimitMb, 'MB'),
    below('image above its base', above / mebibyte, aboveLimitMb, 'MB'),
    below('build of the image', seconds, buildLimitS, 's'),
  ];

  const data = await mkdtemp(join(tmpdir(), 'hydrogen-promises-'));
  await chown(data, 1_000, 1_000);
  await chmod(data, 0o700);
  const container = await buildah(root, 'from', '--pull-never', tag);
  try {
    const mounted = await buildah(root, 'mount', container);
    const args = (command: readonly string[]): string[] => [
      ...['-m', '-p', '-f', '--kill-child', join(root, 'scripts/promises/run-read-only.sh'), mounted, data],
      ...command,
    ];
    const read: Container = {
      run: (command) => finished('unshare', args(command), dirname(data)),
      start: (command) => spawn('unshare', args(command), { stdio: 'ignore' }),
    };
    return [...promises, ...(await begins(read)), ...(await serves(read))];
  } finally {
    await finished('buildah', ['rm', container], root, how);
    await finished('buildah', ['rmi', tag], root, how);
    await rm(data, { recursive: true, force: true, maxRetries: 5 });
  }
}
