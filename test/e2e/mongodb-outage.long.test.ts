// MongoDB is cut off for half a minute from a server that keeps its runs there.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { call, failure, summaryOf } from '../support/answers.ts';
import { temporaryDirectory } from '../support/call.ts';
import { isInstalled, skipReason, startServer } from '../support/mongo-servers.ts';
import { bare, stdioClient } from '../support/process.ts';
import { hasToxiproxy, startToxiproxy, toxiproxySkip } from '../support/servers/toxiproxy.ts';

const outageMs = 30_000;
const runs = 10;

/** Each step reads what is in the database. */
const definition = `document: { dsl: '1.0.3', namespace: test, name: steps, version: '1.0.0' }
do:
  - each:
      for: { each: n, in: '\${ [range(20)] }' }
      do:
        - pause: { wait: { milliseconds: 200 } }
        - keep: { set: { at: '\${ $n }' } }
`;

test.skipIf(!isInstalled('mongo-java-server') || !hasToxiproxy)(
  `MongoDB is away for 30 s: health says so, runs wait, and all of them end${skipReason('mongo-java-server')}${toxiproxySkip}`,
  { timeout: 120_000 },
  async () => {
    const [server, proxies] = await Promise.all([startServer('mongo-java-server'), startToxiproxy()]);
    onTestFinished(async () => {
      await Promise.all([server.stop(), proxies.stop()]);
    });
    const way = await proxies.to(server.port);
    const workflowFolders = await temporaryDirectory();
    await writeFile(join(workflowFolders, 'steps.yaml'), definition);
    const { client } = await stdioClient({
      ...bare,
      dataDir: await temporaryDirectory(),
      workflowFolders,
      mongodbUrl: `mongodb://127.0.0.1:${way.port}/lab`,
      journalStore: 'mongodb',
    });
    const begun: string[] = [];
    for (let i = 0; i < runs; i++) {
      const answer = await call(client, 'run_workflow', { workflow: 'steps', wait_seconds: 0 });
      begun.push(String((answer.structuredContent as { run_id: string }).run_id));
    }

    await way.cut();
    const back = Date.now() + outageMs;
    expect(await failure(client, 'run_workflow', { workflow: 'steps', wait_seconds: 0 })).toMatch(
      /^The MongoDB server \(setting mongodbUrl\) (cannot be reached|does not answer)/,
    );
    expect(summaryOf(await call(client, 'health'))).toMatch(
      /MongoDB server.* (cannot be reached|does not answer)/,
    );
    await delay(back - Date.now());
    await way.heal();

    const stateOf = async (run: string): Promise<string> => {
      const answer = await client.callTool({ name: 'get_run', arguments: { run_id: run } });
      return answer.isError
        ? summaryOf(answer)
        : String((answer.structuredContent as { state: string }).state);
    };
    await expect
      .poll(() => Promise.all(begun.map(stateOf)), { timeout: 30_000, interval: 500 })
      .toEqual(begun.map(() => 'completed'));
    expect(summaryOf(await call(client, 'health'))).not.toMatch(/cannot be reached|does not answer/);
  },
);
