// Every secret of the settings is planted in a server of its own process, with a text by which it is found; then all that it
// says to anybody is searched for it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { newAuditKey } from '../../src/config/audit-keys.ts';
import { temporaryDirectory } from '../support/call.ts';
import { command } from '../support/command.ts';
import { posix } from '../support/platform.ts';
import { bare, cli, environmentOf, httpClient, hydrogen, type Settings } from '../support/process.ts';
import { freePort } from '../support/servers/program.ts';

const planted = (name: string): string => `planted-${name}-5ecret`;
const auditKey = newAuditKey();
const names = [
  ...['mongodb', 'sales', 'token', 'qdrant', 'memories', 'redis', 'nats', 'creds', 'issuer'].map(planted),
  auditKey,
];

/** All secret settings, for servers that are not there. */
async function secretSettings(): Promise<Settings> {
  const port = await freePort();
  const at = `127.0.0.1:${port}`;
  const issuer = `http://${at}`;
  const introspection = {
    url: `${issuer}/introspect`,
    clientId: 'hydrogen',
    clientSecret: planted('issuer'),
  };
  const folder = await temporaryDirectory();
  await writeFile(join(folder, 'audit-key'), auditKey);
  return {
    ...bare,
    dataDir: await temporaryDirectory(),
    logLevel: 'trace',
    httpPort: '0',
    mongodbUrl: `mongodb://jane:${planted('mongodb')}@${at}/shop`,
    connections: JSON.stringify({ sales: { url: `mongodb://jane:${planted('sales')}@${at}/shop` } }),
    mongodbTimeoutMs: '300',
    serverTimeoutMs: '300',
    embeddingModel: 'someone/some-model',
    embeddingMirror: `http://${at}`,
    embeddingToken: planted('token'),
    qdrantUrl: `http://${at}`,
    indexStore: 'embedded',
    qdrantApiKey: planted('qdrant'),
    qdrantCollections: JSON.stringify([
      {
        name: 'memories',
        collection: 'notes',
        apiKey: planted('memories'),
        url: `http://${at}`,
        model: 'someone/some-model',
      },
    ]),
    redisUrl: `redis://:${planted('redis')}@${at}`,
    natsUrl: `nats://jane:${planted('nats')}@${at}`,
    natsCredentials: `no credentials, but ${planted('creds')}`,
    oauth: JSON.stringify([{ issuer, audience: 'here', introspection }]),
    auditKeyFile: join(folder, 'audit-key'),
    auditArguments: 'text',
    audit: 'all',
    accessLog: 'true',
  };
}

interface Served {
  readonly url: string;
  readonly child: ChildProcess;
  /** Its log up to now. */
  log(): string;
}

async function served(settings: Settings, key: { out: string }): Promise<Served & { key: string }> {
  const crash = fileURLToPath(new URL('../support/crash.ts', import.meta.url));
  const env = { ...environmentOf(settings), TEST_CRASH_TEXT: names.join(' ') };
  const child = spawn(process.execPath, ['--import', crash, cli, 'serve', '--http'], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    log += part;
  });
  await expect.poll(() => log, { timeout: 30_000 }).toMatch(/"msg":"serving"/);
  const [, url = ''] = /"url":"([^"]+)","msg":"serving"/.exec(log) ?? [];
  return { url, child, log: () => log, key: key.out.trim() };
}

async function collector() {
  const sent: string[] = [];
  const server = createServer(async (request, response) => {
    sent.push(await text(request));
    response.end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { sent, otlpUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Those of the planted texts that stand in one of ours. */
const foundIn = (what: string): string[] => names.filter((name) => what.includes(name));

test('no secret of the settings is in an answer, an error, a resource, the log, a trace, or the record', async () => {
  const { sent, otlpUrl } = await collector();
  const settings = { ...(await secretSettings()), otlpUrl };
  const made = hydrogen(['keys', 'create', 'ann', '--scopes', 'read,run'], settings);
  const { url, child, log, key } = await served(settings, made);
  const client = await httpClient(url, '2026-07-28', {
    requestInit: { headers: { authorization: `Bearer ${key}` } },
  });
  const said: unknown[] = [];
  const tell = async (asked: Promise<unknown>): Promise<void> => void said.push(await asked.catch(String));
  const call = (name: string, args: object): Promise<void> =>
    tell(client.callTool({ name, arguments: { ...args } }));
  for (const connection of ['mongodb', 'sales']) {
    await call('find', { connection, collection: 'orders' });
    await call('list_collections', { connection });
  }
  await call('search', { query: 'salt' });
  await call('search', { query: 'salt', within: 'memories/' });
  await call('health', {});
  // Whoever knows a secret is not told that it is one, but it is not repeated either.
  for (const name of names) await call('get_document', { document: name });
  const { resources } = await client.listResources();
  for (const { uri } of resources) await tell(client.readResource({ uri }));
  await tell(
    fetch(url, {
      method: 'POST',
      headers: { authorization: 'Bearer opaque', 'content-type': 'application/json' },
      body: '{}',
    }).then((answer) => answer.text()),
  );
  await client.close();
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
  const record = hydrogen(['audit', 'show', '--json'], settings);
  expect(said.length).toBeGreaterThan(10);
  expect(record.out).toContain('"get_document"');
  expect(sent.join()).toContain('tools/call');
  for (const [what, where] of [
    ['answers', JSON.stringify(said)],
    ['log', log()],
    ['traces', sent.join()],
    ['record', record.out + record.err],
  ] as const) {
    expect({ what, found: foundIn(where) }).toEqual({ what, found: [] });
  }
});

test('no command prints a secret of the settings', async () => {
  const settings = await secretSettings();
  for (const args of [
    ['config'],
    ['doctor', '--json'],
    ['find', 'orders', '--connection', 'sales'],
    ['rotate-keys'],
  ]) {
    const { out, err } = await command(args, settings);
    expect(out + err).not.toBe('');
    expect({ args, found: foundIn(out + err) }).toEqual({ args, found: [] });
  }
});

test.runIf(posix('signals'))('what a server says when it crashes has no secret', async () => {
  const settings = await secretSettings();
  const { child, log } = await served(settings, { out: '' });
  const ended = once(child, 'close');
  child.kill('SIGUSR2');
  expect((await ended)[0]).toBe(1);
  expect(log()).toMatch(/It failed unexpectedly: Error: cannot go on with …/);
  expect(foundIn(log())).toEqual([]);
});
