import { execFileSync, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readText } from '../../src/config/read-text.ts';
import { temporaryDirectory } from '../support/call.ts';
import { posix } from '../support/platform.ts';

const onlyPosix = test.runIf(posix('named pipes and device files'));

async function pipe(): Promise<string> {
  const path = join(await temporaryDirectory(), 'pipe');
  execFileSync('mkfifo', [path]);
  return path;
}

test('a file of settings is read whole', async () => {
  const path = join(await temporaryDirectory(), 'settings.json');
  await writeFile(path, 'ä'.repeat(100_000));
  expect(readText(path)).toBe('ä'.repeat(100_000));
});

onlyPosix('a secret that a program writes to a pipe is waited for', async () => {
  const path = await pipe();
  // Open for writing at once, and written to later.
  const writer = spawn('sh', [
    '-c',
    'exec 3<>"$1"; echo open; sleep 0.5; echo secret >&3; sleep 0.5',
    'sh',
    path,
  ]);
  onTestFinished(() => void writer.kill());
  await new Promise((resolve) => writer.stdout.once('data', resolve));
  expect(readText(path)).toBe('secret\n');
});

onlyPosix('a pipe that nobody writes to is not waited for', async () => {
  expect(readText(await pipe())).toBe('');
});

onlyPosix('a device is not read: it may have no end', () => {
  expect(() => readText('/dev/zero')).toThrow(/neither a file nor a pipe/);
});

test('a file of megabytes is not one of settings', async () => {
  const path = join(await temporaryDirectory(), 'large');
  await writeFile(path, Buffer.alloc(2_000_000));
  expect(() => readText(path)).toThrow(/too large/);
});
