// Two nodes on one journal: the one that ends hands its run over, and the other is woken to go on with it.
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

/** Less than the minute after which a quiet node looks at the journal by itself. */
const soonMs = 20_000;

/** Whether a node can be woken by now. */
async function isWoken(node: App): Promise<boolean> {
  const { parts } = await node.health.report(testCall());
  return parts.some(({ name, state }) => name === 'redis' && state === 'up');
}

async function stateOf(app: App, id: string): Promise<string | undefined> {
  const runs = await app.workflows.recent(10, testCall());
  return runs.find((run) => run.id === id)?.state;
}

test.skipIf(isSkipped)(
  `a run whose node ends goes on at once on another one${isInstalled(mongo) ? redisSkip : skipReason(mongo)}`,
  { timeout: 90_000 },
  async () => {
    const [server, redis] = await Promise.all([startServer(mongo), startRedis({ appendOnly: true })]);
    onTestFinished(async () => {
      await Promise.all([server.stop(), redis.kill()]);
    });
    const folder = join(await temporaryDirectory(), 'workflows');
    await mkdir(folder);
    await writeFile(
      join(folder, 'w.yaml'),
      definition(`
- pause: { wait: { seconds: 3 } }
- last: { set: { done: true } }
`),
    );
    const settings = {
      redisUrl: redis.url,
      mongodbUrl: `${server.url}data`,
      journalStore: 'mongodb' as const,
      workflowFolders: [folder],
    };
    const [ending, staying] = [await openedApp({ settings }), await openedApp({ settings })];
    ending.start();
    staying.start();
    // Both have looked at the journal, which is empty: from now on they are quiet.
    for (const node of [ending, staying]) {
      await expect.poll(() => isWoken(node), { timeout: 20_000 }).toBe(true);
    }
    const { id } = await ending.workflows.start({ workflow: 'w', input: {} }, testCall());
    await ending.close();
    const begun = Date.now();
    await expect
      // A look at one run would have the node look for more: a look at the list does not.
      .poll(() => stateOf(staying, id), { timeout: 80_000, interval: 250 })
      .toBe('completed');
    expect(Date.now() - begun).toBeLessThan(soonMs);
  },
);
