import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type CallToolResult,
  type Client,
  type ElicitResult,
  InMemoryTransport,
  type InputRequiredResult,
  StreamableHTTPClientTransport,
  type Transport,
} from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startHttp } from '../../scripts/demo/connect.ts';
import { type App, openApp } from '../../src/app.ts';
import { type Caller, operations } from '../../src/call.ts';
import { settings as schema } from '../../src/config.ts';
import { createLog } from '../../src/observability/log.ts';
import { createServer } from '../../src/server.ts';
import { summaryOf } from '../support/answers.ts';
import { testCall } from '../support/call.ts';
import { type Era, eras, newClient } from '../support/connected.ts';
import { bare, cli, environmentOf, root, type Settings } from '../support/process.ts';

/** How long a person has: much more than any yes here takes. */
const confirmTimeoutMs = 5_000;

/** One data directory, one HTTP server on it, and this process as a third that looks into it. */
let dataDir: string;
let settings: Settings;
let http: { url: string; child: ChildProcess };
let app: App;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'hydrogen-test-'));
  const given = { dataDir, embeddingModel: 'none', enableWrites: true, confirmTimeoutMs };
  app = await openApp(schema.parse(given), createLog('silent'));
  settings = { ...bare, dataDir, enableWrites: 'true', confirmTimeoutMs: String(confirmTimeoutMs) };
  http = await startHttp({ cli, dataDir, root, env: environmentOf(settings) });
});

afterAll(async () => {
  if (http) {
    http.child.kill('SIGTERM');
    await once(http.child, 'exit');
  }
  await app.close();
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
});

const answers = {
  yes: { action: 'accept', content: { confirm: true } },
  no: { action: 'decline' },
  'a box that is not ticked': { action: 'accept', content: { confirm: false } },
  cancel: { action: 'cancel' },
  'a wrong type': { action: 'accept', content: { confirm: 'yes' } },
  'a wrong field': { action: 'accept', content: { ok: true } },
  nothing: { action: 'accept' },
} as const satisfies Record<string, ElicitResult>;

type Reply = (message: string, requestId: string | number) => Promise<ElicitResult> | ElicitResult;

/** What a person answers to questions about a collection. */
const persons = new Map<string, Reply>();

function answering(client: Client): Client {
  client.setRequestHandler('elicitation/create', ({ params }, { mcpReq }) => {
    const collection = /collection "([^"]+)"/.exec(params.message)?.[1] ?? '';
    return persons.get(collection)?.(params.message, mcpReq.id) ?? { action: 'decline' };
  });
  return client;
}

const namespace = (collection: string) => ({ database: 'main', collection });

/** A collection with three documents that the update counts in. */
async function seeded(collection: string): Promise<string> {
  const documents = [1, 2, 3].map((_id) => ({ _id, kind: 'pump', n: 0 }));
  await app.connections.get().store.insert(namespace(collection), documents, testCall());
  return collection;
}

const request = (collection: string) => ({
  name: 'update',
  arguments: { collection, filter: { kind: 'pump' }, update: { $inc: { n: 1 } }, many: true },
});

/** How often each document was written. */
async function writes(collection: string): Promise<unknown[]> {
  const query = { ...namespace(collection), filter: {}, skip: 0, limit: 10, maxBytes: 1e5 };
  const { documents } = await app.connections.get().store.find(query, testCall());
  return documents.map(({ n }) => n);
}

const unwritten = [0, 0, 0];

/** The first half of a confirmed call in the era of 2026: the token that comes with the question. */
async function questionFor(client: Client, collection: string): Promise<string> {
  const params = request(collection);
  const asked = await client.request({ method: 'tools/call', params }, { allowInputRequired: true });
  const { requestState } = asked as unknown as InputRequiredResult;
  if (requestState === undefined) throw new Error(`no question: ${JSON.stringify(asked)}`);
  return requestState;
}

/** The second half: the call again, with the answer. */
async function answered(client: Client, collection: string, requestState: string): Promise<CallToolResult> {
  const params = { ...request(collection), requestState, inputResponses: { confirmation: answers.yes } };
  return (await client.request(
    { method: 'tools/call', params },
    { allowInputRequired: true },
  )) as CallToolResult;
}

const mallory: Caller = { id: 'mallory', scopes: operations };

/** What another caller on the same data was given for the same call. */
async function foreignToken(collection: string): Promise<string> {
  const [clientEnd, serverEnd] = InMemoryTransport.createLinkedPair();
  const handle = serveStdio(() => createServer(app, mallory), { transport: serverEnd as Transport });
  const client = newClient('2026-07-28', { elicitation: { form: {} } });
  await client.connect(clientEnd);
  try {
    return await questionFor(client, collection);
  } finally {
    await client.close();
    await handle.close();
  }
}

function transportOf(name: 'stdio' | 'HTTP'): StdioClientTransport | StreamableHTTPClientTransport {
  if (name === 'HTTP') return new StreamableHTTPClientTransport(new URL(http.url));
  const env = environmentOf({ logLevel: 'silent', ...settings });
  return new StdioClientTransport({ command: process.execPath, args: [cli], cwd: root, env });
}

const ways = (['stdio', 'HTTP'] as const).flatMap((transport) =>
  eras.map((era): { transport: typeof transport; era: Era } => ({ transport, era })),
);

describe.concurrent.each(ways)('over $transport in $era', ({ transport, era }) => {
  const modern = era === '2026-07-28';
  const named = (what: string): Promise<string> => seeded(`${what} ${transport} ${era}`);
  let client: Client;
  let mute: Client;

  beforeAll(async () => {
    client = answering(newClient(era, { elicitation: { form: {} } }));
    mute = newClient(era);
    await Promise.all([client.connect(transportOf(transport)), mute.connect(transportOf(transport))]);
  });
  afterAll(() => Promise.all([client?.close(), mute?.close()]));

  test('yes: the person sees what would happen, and it happens once', async () => {
    const collection = await named('yes');
    const questions: string[] = [];
    persons.set(collection, (message) => {
      questions.push(message);
      return answers.yes;
    });
    const { structuredContent } = await client.callTool(request(collection));
    expect(structuredContent).toEqual({ matched: 3, changed: 3 });
    expect(await writes(collection)).toEqual([1, 1, 1]);
    expect(questions).toEqual([
      `Update 3 documents in collection "${collection}" of database "main"?
filter: {"kind":"pump"}
update: {"$inc":{"n":1}}
2 of the 3, as they are now:
- {"_id":1,"kind":"pump","n":0}
- {"_id":2,"kind":"pump","n":0}`,
    ]);
  });

  test.each<[Exclude<keyof typeof answers, 'yes'>, RegExp]>([
    ['no', /the person said no/],
    ['a box that is not ticked', /the person said no/],
    ['cancel', /closed the question without an answer/],
    ['a wrong type', /neither a yes nor a no/],
    ['a wrong field', /neither a yes nor a no/],
    ['nothing', /neither a yes nor a no/],
  ])('%s: nothing happens, and the answer says so', async (answer, message) => {
    const collection = await named(answer);
    persons.set(collection, () => answers[answer]);
    const result = await client.callTool(request(collection));
    expect(result.isError).toBe(true);
    expect(summaryOf(result)).toMatch(/^Nothing was changed: /);
    expect(summaryOf(result)).toMatch(message);
    expect(await writes(collection)).toEqual(unwritten);
  });

  test('silence: nothing happens', async () => {
    const collection = await named('silence');
    persons.set(collection, () => new Promise(() => {}));
    const result = client.callTool(request(collection)).catch((error: Error) => error);
    // In the era of 2026 it is the client that waits, for as long as it likes.
    if (modern) await Promise.race([result, delay(confirmTimeoutMs)]);
    else expect(summaryOf((await result) as CallToolResult)).toMatch(/did not answer in time/);
    expect(await writes(collection)).toEqual(unwritten);
  });

  test('expired: a yes that comes too late does nothing', async () => {
    const collection = await named('expired');
    if (modern) {
      const token = await questionFor(client, collection);
      await delay(confirmTimeoutMs + 100);
      expect(summaryOf(await answered(client, collection, token))).toMatch(/Nothing was changed:.*too late/);
    } else {
      const late = Promise.withResolvers<void>();
      persons.set(collection, async () => {
        await late.promise;
        return answers.yes;
      });
      expect(summaryOf(await client.callTool(request(collection)))).toMatch(/did not answer in time/);
      late.resolve();
      // Whatever the late yes does is done when a later call is answered.
      await client.callTool({ name: 'count', arguments: { collection } });
    }
    expect(await writes(collection)).toEqual(unwritten);
  });

  test('replayed yes: it works once', async () => {
    const collection = await named('replayed');
    if (modern) {
      const token = await questionFor(client, collection);
      expect((await answered(client, collection, token)).isError).toBeFalsy();
      expect(summaryOf(await answered(client, collection, token))).toMatch(
        /Nothing was changed:.*already used/,
      );
    } else {
      let id: string | number = '';
      persons.set(collection, (_message, requestId) => {
        id = requestId;
        return answers.yes;
      });
      await client.callTool(request(collection));
      await client.transport?.send({ jsonrpc: '2.0', id, result: answers.yes });
      persons.set(collection, () => answers.no);
      expect(summaryOf(await client.callTool(request(collection)))).toMatch(/said no/);
    }
    expect(await writes(collection)).toEqual([1, 1, 1]);
  });

  test('drifted match: a yes to other documents does nothing, the person is asked again', async () => {
    const collection = await named('drifted');
    const questions: string[] = [];
    persons.set(collection, async (message) => {
      questions.push(message.split('\n').slice(0, 2).join('\n'));
      if (questions.length === 2) return answers.no;
      const more = [{ _id: 4, kind: 'pump', n: 0 }];
      await app.connections.get().store.insert(namespace(collection), more, testCall());
      return answers.yes;
    });
    expect(summaryOf(await client.callTool(request(collection)))).toMatch(/Nothing was changed:.*said no/);
    expect(questions).toEqual([
      `Update 3 documents in collection "${collection}" of database "main"?\nfilter: {"kind":"pump"}`,
      `The data has changed since this was asked.\nUpdate 4 documents in collection "${collection}" of database "main"?`,
    ]);
    expect(await writes(collection)).toEqual([...unwritten, 0]);
  });

  test("other caller: another's yes to the same call does nothing", async () => {
    const collection = await named('foreign');
    const result = await answered(client, collection, await foreignToken(collection));
    expect(summaryOf(result)).toMatch(/Nothing was changed:.*another caller/);
    expect(await writes(collection)).toEqual(unwritten);
  });

  test('a yes that the client made itself does nothing', async () => {
    const collection = await named('made');
    const result = await answered(client, collection, 'a.b.c');
    expect(summaryOf(result)).toMatch(/Nothing was changed:.*not made here/);
    expect(await writes(collection)).toEqual(unwritten);
  });

  test('a client without elicitation: nothing happens, and the answer says what to do', async () => {
    const collection = await named('mute');
    const result = await mute.callTool(request(collection));
    expect(result.isError).toBe(true);
    expect(summaryOf(result)).toMatch(/Nothing was changed:.*cannot ask.*confirmWrites/);
    expect(await writes(collection)).toEqual(unwritten);
  });
});
