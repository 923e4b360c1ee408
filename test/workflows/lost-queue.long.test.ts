// The queue may lose everything: the journal decides, and what was to be woken is found.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { openedApp } from '../support/connected.ts';
import { isInstalled, skipReason, startServer } from '../support/mongo-servers.ts';
import { hasRedis, redisSkip, startRedis } from '../support/servers/redis.ts';
import { definition } from './support.ts';

const mongo = 'mongo-java-server';
const isSkipped = !isInstalled(mongo) || !hasRedis;
const runCount = 200;

test.skipIf(isSkipped)(
  `${runCount} runs all end, once each, though Redis is killed in their middle and comes back empty${isInstalled(mongo) ? redisSkip : skipReason(mongo)}`,
  { timeout: 240_000 },
  async () => {
    const [server, redis] = await Promise.all([startServer(mongo), startRedis()]);
    onTestFinished(async () => {
      await Promise.all([server.stop(), redis.kill()]);
    });
    const folder = join(await temporaryDirectory(), 'workflows');
    await mkdir(folder);
    await writeFile(
      join(folder, 'w.yaml'),
      definition(`
- first: { set: { at: 1 } }
- pause: { wait: { milliseconds: 300 } }
- last: { set: { done: true } }
`),
    );
    const settings = {
      redisUrl: redis.url,
      mongodbUrl: `${server.url}data`,
      journalStore: 'mongodb' as const,
      workflowFolders: [folder],
    };
    const nodes: App[] = [];
    for (let i = 0; i < 3; i++) nodes.push(await openedApp({ settings }));
    for (const node of nodes) node.start();

    const ids: string[] = [];
    const begin = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        const node = nodes[ids.length % nodes.length] as App;
        ids.push((await node.workflows.start({ workflow: 'w', input: {} }, testCall())).id);
      }
    };
    await begin(runCount / 2);
    await redis.kill();
    await begin(runCount / 4);
    await redis.restart();
    await begin(runCount / 4);

    const [one] = nodes as [App];
    for (const id of ids) {
      await expect
        .poll(async () => (await one.workflows.wait(id, 0, testCall())).state, { timeout: 120_000 })
        .toBe('completed');
    }
    const runs = await Promise.all(ids.map((id) => one.workflows.wait(id, 0, testCall())));
    const steps = runs.map((run) => run.steps.map(({ name, state }) => `${name} ${state}`).join());
    expect(new Set(ids).size).toBe(runCount);
    expect([...new Set(steps)]).toEqual(['first completed,pause completed,last completed']);
  },
);
