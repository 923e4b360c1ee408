// A server of its own process, whose files change under load.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { rowsOf } from '../support/answers.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { isInstalled, mongoDocuments, skipReason, startServer } from '../support/mongo-servers.ts';
import { posix } from '../support/platform.ts';
import { bare, cli, environmentOf, httpClient } from '../support/process.ts';

interface Entry {
  readonly msg: string;
  readonly url?: string;
  readonly setting?: string;
  readonly err?: { readonly message: string };
}

/** As who replaces a file without anybody seeing half of it. */
async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

/** A server over HTTP, whose settings are in a file. */
async function served(settings: object) {
  const folder = await temporaryDirectory();
  const file = join(folder, 'settings.json');
  const write = (given: object): Promise<void> => replace(file, JSON.stringify(given));
  await write(settings);
  const env = environmentOf({
    ...bare,
    dataDir: join(folder, 'data'),
    httpPort: '0',
    maxEventLoopDelayMs: '0',
    logLevel: 'info',
  });
  const child = spawn(process.execPath, [cli, '--config', file, 'serve', '--http'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    log += part;
  });
  const entries = (): Entry[] =>
    log
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as Entry);
  const told = async (msg: string, count = 1): Promise<Entry[]> => {
    const found = (): Entry[] => entries().filter((entry) => entry.msg.includes(msg));
    await expect.poll(() => found().length, { timeout: 30_000, interval: 50 }).toBe(count);
    return found();
  };
  const [{ url = '' } = {}] = await told('serving');
  return { folder, file, child, url, write, told };
}

const java = 'mongo-java-server';
describe.skipIf(!isInstalled(java))(`a connection string in a file${skipReason(java)}`, () => {
  test('is replaced while calls go on, and none of them fails', async () => {
    const servers = await Promise.all([startServer(java), startServer(java)]);
    onTestFinished(async () => {
      await Promise.all(servers.map((server) => server.stop()));
    });
    for (const [n, { url }] of servers.entries()) {
      const store = mongoDocuments(url, { timeoutMs: 20_000 });
      await store.insert({ database: 'shop', collection: 'orders' }, [{ _id: n }], testCall());
      await store.close();
    }
    const [first, second] = servers.map(({ url }) => `${url}shop`) as [string, string];
    const secrets = await temporaryDirectory();
    const urlFile = join(secrets, 'url');
    await writeFile(urlFile, `${first}\n`);
    const { url } = await served({ connections: { sales: { urlFile } }, mongodbTimeoutMs: 20_000 });
    const clients = await Promise.all([0, 1, 2, 3].map(() => httpClient(url, '2026-07-28')));
    let isDone = false;
    const failed: unknown[] = [];
    const seen = clients.map(async (client) => {
      const ids: unknown[] = [];
      while (!isDone) {
        const answer = await client
          .callTool({ name: 'find', arguments: { collection: 'orders' } })
          .catch((error: unknown) => ({ isError: true, content: [], error }));
        if (answer.isError) failed.push(answer);
        else ids.push(rowsOf(answer)[0]?.['_id']);
        if (ids.at(-1) === 1 && ids.filter((id) => id === 1).length > 20) break;
      }
      return ids;
    });
    await replace(urlFile, `${second}\n`);
    const ids = await Promise.all(seen);
    isDone = true;
    expect(failed).toEqual([]);
    for (const each of ids) expect(each).toEqual(each.toSorted());
    expect(ids.map((each) => each.at(-1))).toEqual([1, 1, 1, 1]);
  });
});

const analyst = { operations: ['read'] };

test.runIf(posix('SIGHUP'))(
  'on SIGHUP settings are read again: what can change does, the rest is named, and a problem leaves what was',
  async () => {
    const given = { localRole: 'analyst', roles: { analyst } };
    const { child, url, write, told, file } = await served(given);
    const client = await httpClient(url, '2025-11-25');
    const toolsSeen = async (): Promise<string[]> => (await client.listTools()).tools.map(({ name }) => name);
    expect(await toolsSeen()).toContain('find');
    child.kill('SIGHUP');
    await told('the settings were read again');

    await write({ ...given, maxRows: 7, roles: { analyst: { ...analyst, tools: ['count'] } } });
    await told('the settings were read again', 2);
    expect(await toolsSeen()).toEqual(['count']);
    expect(await told('this setting takes effect at the next start')).toMatchObject([{ setting: 'maxRows' }]);

    await write({ ...given, roles: { analyst: { tools: ['cuont'] } } });
    const [refused] = await told('cannot be used: those of before stay');
    expect(refused?.err?.message).toMatch(/no tool "cuont". Did you mean "count"/);
    expect(await toolsSeen()).toEqual(['count']);

    // What restricts callers is not gone with its file.
    await rm(file);
    const [, gone] = await told('cannot be used: those of before stay', 2);
    expect(gone?.err?.message).toMatch(/cannot be read|is gone/);
    expect(await toolsSeen()).toEqual(['count']);
  },
);
