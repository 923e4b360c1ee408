// A move is killed at any point, and called again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { command } from '../support/command.ts';
import { isInstalled, type RunningServer, skipReason, startServer } from '../support/mongo-servers.ts';
import { bare, cli, environmentOf, root, type Settings } from '../support/process.ts';
import { hasQdrant, qdrantSkipReason } from '../support/servers/qdrant.ts';
import { answersOf, emptyServers, json, plain } from './moving.ts';

const name = 'mongo-java-server';

describe.skipIf(!isInstalled(name) || !hasQdrant)(
  `moving to servers, interrupted${skipReason(name)}${qdrantSkipReason}`,
  () => {
    let server: RunningServer;
    beforeAll(async () => {
      server = await startServer(name);
    });
    afterAll(() => server?.stop());

    /** Runs the command in a process of its own, which is killed after some time; whether it ended before. */
    async function moveKilledAfter(ms: number, settings: Settings): Promise<boolean> {
      const child = spawn(process.execPath, [cli, 'move', '--to', 'servers'], {
        cwd: root,
        env: environmentOf(settings),
        stdio: 'ignore',
      });
      const exited = once(child, 'exit');
      const timer = setTimeout(() => child.kill('SIGKILL'), ms);
      const [code] = (await exited) as [number | null];
      clearTimeout(timer);
      return code === 0;
    }

    test('killed again and again in the middle, and repeated, it completes, and nothing is there twice', async () => {
      const { to, on } = await emptyServers(server.url);
      const settings = await plain(200);
      const there: number[] = [];
      for (let ms = 700; ; ms *= 1.6) {
        if (await moveKilledAfter(ms, { ...settings, ...to })) break;
        there.push(((await json(['list'], { ...on, ...bare })) as unknown[]).length);
      }
      expect(there.length).toBeGreaterThan(0);
      expect(there).toEqual(there.toSorted((a, b) => a - b));
      expect(await answersOf({ ...on, ...bare })).toEqual(await answersOf(settings));
      const again = await command(['move', '--to', 'servers'], { ...settings, ...to });
      expect(again.out).toMatch(/^documents {2,}(200 \(\w{16}\)) {2,}\1$/m);
    }, 180_000);
  },
);
