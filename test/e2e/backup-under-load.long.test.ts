// A backup is made while another process writes, and restored: it is the store of one moment between start and end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { call, rowsOf } from '../support/answers.ts';
import { temporaryDirectory } from '../support/call.ts';
import { bare, cli, environmentOf, root, stdioClient } from '../support/process.ts';

/** Each write is two documents, or changes one that is there: a moment has both or none. */
const backups = 3;
const before = 3_000;

interface Written {
  readonly _id: number;
  readonly twin: number;
}

test('what is restored is what was there at one moment while others wrote', {
  timeout: 180_000,
}, async () => {
  const folder = await temporaryDirectory();
  const settings = { ...bare, dataDir: join(folder, 'data'), enableWrites: 'true', confirmWrites: 'never' };
  const { client } = await stdioClient(settings);
  const pair = (n: number): Written[] => [
    { _id: 2 * n, twin: 2 * n + 1 },
    { _id: 2 * n + 1, twin: 2 * n },
  ];
  let written = 0;
  while (written < before) {
    const documents = Array.from({ length: 400 }, (_, i) => pair(written + i)).flat();
    await call(client, 'insert', { collection: 'pairs', documents });
    written += 400;
  }
  let isOver = false;
  const writing = (async () => {
    while (!isOver) {
      await call(client, 'insert', { collection: 'pairs', documents: pair(written) });
      written++;
    }
  })();
  onTestFinished(async () => {
    isOver = true;
    await writing;
  });

  for (let i = 0; i < backups; i++) {
    const backup = join(folder, `backup-${i}`);
    const atLeast = written;
    const child = spawn(process.execPath, [cli, 'backup', backup], {
      cwd: root,
      env: environmentOf(settings),
      stdio: 'ignore',
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(0);
    // What was acknowledged later cannot be in it, but for the one under way.
    const atMost = written + 1;
    expect(atMost).toBeGreaterThan(atLeast + 1);

    const dataDir = join(folder, `restored-${i}`);
    const restore = spawn(process.execPath, [cli, 'restore', backup], {
      cwd: root,
      env: environmentOf({ ...bare, dataDir }),
      stdio: 'ignore',
    });
    expect(((await once(restore, 'exit')) as [number | null])[0]).toBe(0);
    const { client: restored } = await stdioClient({ ...bare, dataDir });
    const [counted] = rowsOf(
      await call(restored, 'aggregate', {
        collection: 'pairs',
        pipeline: [{ $group: { _id: null, n: { $sum: 1 }, last: { $max: '$_id' }, sum: { $sum: '$twin' } } }],
      }),
    ) as [{ n: number; last: number; sum: number }];
    const pairs = counted.n / 2;
    // All pairs up to one, whole, and none after it.
    expect(counted).toMatchObject({ n: counted.last + 1, sum: (counted.n * (counted.n - 1)) / 2 });
    expect(Number.isInteger(pairs)).toBe(true);
    expect(pairs).toBeGreaterThanOrEqual(atLeast);
    expect(pairs).toBeLessThanOrEqual(atMost);
    await delay(50);
  }
});
