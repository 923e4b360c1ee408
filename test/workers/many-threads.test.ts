import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { startThread } from '../../src/workers/start.ts';
import { temporaryDirectory } from '../support/call.ts';

test('in a process with many threads whoever listens to stderr is not taken for a leak', async () => {
  const file = join(await temporaryDirectory(), 'idle.mjs');
  await writeFile(file, 'setInterval(() => {}, 1_000);');
  const warnings: string[] = [];
  const hear = ({ message }: Error): number => warnings.push(message);
  process.on('warning', hear);
  onTestFinished(() => void process.off('warning', hear));
  const before = process.stderr.listenerCount('error');
  const threads = Array.from({ length: 12 }, () => startThread(pathToFileURL(file), {}));
  const ended = () => Promise.all(threads.map((thread) => thread.terminate()));
  onTestFinished(() => void ended());
  await Promise.all(threads.map((thread) => once(thread, 'online')));
  const listen = (): void => {};
  process.stderr.on('error', listen);
  onTestFinished(() => void process.stderr.off('error', listen));
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings).toEqual([]);

  await ended();
  // What threads have added goes with them.
  await expect.poll(() => process.stderr.listenerCount('error')).toBe(before + 1);
});
