// The catalogue of what tries to learn or change what is hidden (`test/stores/documents/guarded`), through the tools of a
// caller with rules: over HTTP and on stdio, on the embedded store and on a server.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, openApp } from '../../src/app.ts';
import { operations } from '../../src/call.ts';
import { type GivenSettings, settings } from '../../src/config.ts';
import { createLog } from '../../src/observability/log.ts';
import { newKeyId, newSecret } from '../../src/policy/api-keys.ts';
import type { DocumentStore } from '../../src/stores/documents/document-store.ts';
import { type HttpServer, serveOnHttp } from '../../src/transports/http.ts';
import { hidden, otherRows, planted } from '../stores/documents/guarded/attack-forms.ts';
import { fillForAttacks, withoutGuesses } from '../stores/documents/guarded/attack-world.ts';
import { attacks } from '../stores/documents/guarded/attacks.ts';
import { attacksByForms } from '../stores/documents/guarded/attacks-by-forms.ts';
import { bounds } from '../stores/documents/guarded/support.ts';
import { testCall } from '../support/call.ts';
import { eras } from '../support/connected.ts';
import { mongoServer } from '../support/mongo-server.ts';
import { type ServerName, skipReason } from '../support/mongo-servers.ts';
import { httpClient, stdioClient } from '../support/process.ts';
import { repetitions } from '../support/repetitions.ts';
import { storeOfClient } from '../support/store-of-client.ts';

const all = Object.entries({ ...attacks, ...attacksByForms });
/** Every one of so many, where only the way to the tools is another; all with `--long`. */
const some = (every: number) => all.filter((_, i) => i % repetitions(every, 1) === 0);
/** Tools after which what they may have changed is put back. */
const changing = /^(?:insert|update|delete|create_index|drop_.*)$/;

/** Whoever attacks sees the orders of a tenant without some fields, and all customers; on stdio nobody has claims. */
const roleFor = (tenant: string) => ({
  collections: ['*/*/orders', '*/*/customers'],
  rows: [{ collection: '*/*/orders', filter: { tenant } }],
  hidden: [{ collection: '*/*/orders', fields: hidden }],
});
const shared = {
  embeddingModel: 'none',
  sampleWorkflows: false,
  enableWrites: true,
  confirmWrites: 'never',
  maxEventLoopDelayMs: 0,
} as const;
const roles = { tenant: roleFor('$caller.tenant'), local: roleFor('a') };

/** What is said of a call apart from which of the two databases it was made on, and what is random in it. */
const comparable = (told: unknown): string =>
  JSON.stringify(told)
    .replaceAll('rich', 'poor')
    .replaceAll(/cursor \\*"[^"]+"/g, 'cursor …')
    .replaceAll(/absent_\w+/g, (name) => `LEAK of ${name.slice(0, 7)}`);

/** What was learned or changed, and by which attack. */
async function surprisesOf(
  tried: typeof all,
  client: Client,
  connection: string,
  store: DocumentStore,
): Promise<string[]> {
  const surprises: string[] = [];
  let isFilled = false;
  for (const [name, attack] of tried) {
    if (!isFilled) await fillForAttacks(store);
    const asked: string[] = [];
    const through = storeOfClient(client, connection, (tool) => void asked.push(tool));
    const [rich, poor] = [
      comparable(await attack(through, 'rich')),
      comparable(await attack(through, 'poor')),
    ];
    isFilled = !asked.some((tool) => changing.test(tool));
    if (rich !== poor) surprises.push(`${name}: ${rich} where there is more, ${poor} where there is not`);
    if (planted.test(withoutGuesses(rich))) surprises.push(`${name}: shows ${rich}`);
    const others = { database: 'rich', collection: 'orders', filter: { tenant: { $ne: 'a' } } };
    const { documents } = await store.find({ ...others, sort: { _id: 1 }, skip: 0, ...bounds }, testCall());
    if (JSON.stringify(documents) !== JSON.stringify(otherRows)) {
      surprises.push(`${name}: the rows of others are now ${JSON.stringify(documents)}`);
    }
  }
  return surprises;
}

function world(given: () => Partial<GivenSettings>) {
  let directory: string;
  let app: App;
  let server: HttpServer;
  let key: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hydrogen-attacks-'));
    const config = settings.parse({
      ...shared,
      roles,
      httpPort: 0,
      dataDir: join(directory, 'data'),
      ...given(),
    });
    app = await openApp(config, createLog('silent'));
    const id = newKeyId();
    const secret = newSecret(id);
    key = secret.key;
    const granted = { scopes: operations, roles: ['tenant'], claims: { tenant: 'a' }, createdAt: Date.now() };
    await app.apiKeys.add({ id, name: 'attacker', hash: secret.hash, ...granted }, testCall());
    server = await serveOnHttp(app);
  });
  afterAll(async () => {
    await server.close();
    await app.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  });
  return {
    store: (connection: string) => app.connections.get(connection).store,
    overHttp: (era: (typeof eras)[number]) =>
      httpClient(server.url, era, { requestInit: { headers: { authorization: `Bearer ${key}` } } }),
    overStdio: async (era: (typeof eras)[number]) => {
      const plain = Object.fromEntries(Object.entries(shared).map(([name, value]) => [name, String(value)]));
      const own = { dataDir: join(directory, 'data'), roles: JSON.stringify(roles), localRole: 'local' };
      return (await stdioClient({ ...plain, ...own, ...(given() as Record<string, string>) }, era)).client;
    },
  };
}

describe('on the embedded store', () => {
  const { store, overHttp, overStdio } = world(() => ({}));
  const [older, newer] = eras;
  test('nothing is learned over HTTP', async () => {
    expect(await surprisesOf(all, await overHttp(newer), 'embedded', store('embedded'))).toEqual([]);
  }, 120_000);
  test('nothing is learned on stdio', async () => {
    expect(await surprisesOf(some(10), await overStdio(older), 'embedded', store('embedded'))).toEqual([]);
  }, 120_000);
});

const servers = repetitions<readonly ServerName[]>(['mongo-java-server'], ['mongo-java-server', 'ferretdb']);
for (const name of servers) {
  describe.skipIf(skipReason(name) !== '')(`on ${name}${skipReason(name)}`, () => {
    const server = mongoServer(name);
    const { store, overHttp } = world(() => ({ mongodbUrl: server.url }));
    test('nothing is learned over HTTP', async () => {
      expect(await surprisesOf(some(16), await overHttp(eras[0]), 'mongodb', store('mongodb'))).toEqual([]);
    }, 240_000);
  });
}
