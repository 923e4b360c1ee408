// Confirmation in two calls (`confirmBy`), for clients that cannot ask a person: the first call says what would happen
// and gives a token, a second one with it makes exactly this change, once.
import { type Client, InMemoryTransport, type Transport } from '@modelcontextprotocol/client';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { App } from '../../src/app.ts';
import { operations } from '../../src/call.ts';
import type { GivenSettings } from '../../src/config.ts';
import { createServer } from '../../src/server.ts';
import { call, failure, rowsOf } from '../support/answers.ts';
import { clientOf, connected, eras, newClient } from '../support/connected.ts';

const plants = [
  { _id: 1, type: 'PEM', mw: 10 },
  { _id: 2, type: 'PEM', mw: 20 },
  { _id: 3, type: 'SOEC', mw: 5 },
];
const writing = { enableWrites: true, confirmBy: 'either' } as const;
const pem = { collection: 'plants', filter: { type: 'PEM' }, many: true };

async function world(
  settings: Partial<GivenSettings> = {},
  era?: (typeof eras)[number],
): Promise<{ app: App; client: Client }> {
  return connected({
    data: { plants, copies: plants },
    settings: { ...writing, ...settings },
    ...(era && { era }),
  });
}

/** The first call: what would happen, and the token. */
async function asked(client: Client, tool: string, args: Record<string, unknown>) {
  const text = await failure(client, tool, args);
  const confirmation = /"confirmation": "([^"]+)"/.exec(text)?.[1];
  if (confirmation === undefined) throw new Error(`no token: ${text}`);
  return { text, confirmation };
}

const left = async (client: Client, collection = 'plants'): Promise<number> =>
  rowsOf(await call(client, 'find', { collection })).length;

/** A client that can ask a person, who answers; `questions` are what was asked. */
async function elicitingClient(app: App, confirm: boolean): Promise<{ client: Client; questions: string[] }> {
  const questions: string[] = [];
  const [clientEnd, serverEnd] = InMemoryTransport.createLinkedPair();
  const handle = serveStdio(() => createServer(app, { id: 'owner', scopes: operations }), {
    transport: serverEnd as Transport,
  });
  const client = newClient('2026-07-28', { elicitation: { form: {} } });
  client.setRequestHandler('elicitation/create', ({ params }) => {
    questions.push(params.message);
    return { action: 'accept', content: { confirm } };
  });
  await client.connect(clientEnd);
  onTestFinished(async () => {
    await client.close();
    await handle.close();
  });
  return { client, questions };
}

test.each(eras)('in %s the first call says what would happen, the second does it', async (era) => {
  const { client } = await world({}, era);
  const { text, confirmation } = await asked(client, 'delete', pem);
  expect(text).toMatch(
    /^Nothing was changed yet\. Delete 2 documents in collection "plants" of database "main"\?\nfilter: \{"type":"PEM"\}\nAs they are now:\n- \{"_id":1/,
  );
  expect(text).toMatch(
    /call delete again within 120 s with the same arguments and "confirmation": ".*This server asks no person/,
  );
  expect(await left(client)).toBe(3);
  const made = await call(client, 'delete', { ...pem, confirmation });
  expect(made.structuredContent).toEqual({
    deleted: 2,
    note: 'Confirmed by a second call with the token (confirmBy); this server asked no person.',
  });
  expect(await left(client)).toBe(1);
});

test.each<[string, Record<string, unknown>, RegExp]>([
  [
    'update',
    { ...pem, update: { $set: { mw: 0 } } },
    /Update 2 documents.*\nfilter:.*\nupdate: \{"\$set":\{"mw":0\}\}/,
  ],
  ['update', { ...pem, pipeline: [{ $set: { mw: 0 } }] }, /\npipeline: \[\{"\$set":\{"mw":0\}\}\]/],
  ['drop_collection', { collection: 'plants' }, /Drop everything \(3 documents/],
  ['drop_index', { collection: 'plants', name: 'mw_1' }, /Drop the index "mw_1"/],
])('%s is confirmed like that too: %o', async (tool, args, shown) => {
  const { client } = await world();
  await call(client, 'create_index', { collection: 'plants', key: { mw: 1 } });
  const { text, confirmation } = await asked(client, tool, args);
  expect(text).toMatch(shown);
  const { structuredContent } = await call(client, tool, { ...args, confirmation });
  expect(structuredContent).toMatchObject({ note: expect.stringMatching(/asked no person/) });
});

test('what was understood is shown, and is what counts: text and objects are the same change', async () => {
  const { client } = await world();
  const asText = {
    collection: 'plants',
    filter: '{"type":"PEM"}',
    many: 'true',
    update: '{"$inc":{"mw":9007199254740993}}',
  };
  const { text, confirmation } = await asked(client, 'update', asText);
  expect(text).toMatch(
    /Update 2 documents.*\nfilter: \{"type":"PEM"\}\nupdate: \{"\$inc":\{"mw":\{"\$numberLong":"9007199254740993"\}\}\}/,
  );
  const update = { $inc: { mw: { $numberLong: '9007199254740993' } } };
  await call(client, 'update', { ...pem, update, confirmation });
});

test('what changes nothing that is there needs no second call', async () => {
  const { client } = await world();
  await call(client, 'insert', { collection: 'plants', documents: [{ _id: 9 }] });
  expect(
    (await call(client, 'delete', { collection: 'plants', filter: { _id: 99 } })).structuredContent,
  ).toEqual({
    deleted: 0,
    note: 'No document matches the filter; nothing was changed.',
  });
});

test('a token counts once', async () => {
  const { client } = await world();
  const args = { collection: 'plants', filter: { type: 'PEM' } };
  const { confirmation } = await asked(client, 'delete', args);
  await call(client, 'delete', { ...args, confirmation });
  expect(await failure(client, 'delete', { ...args, confirmation })).toMatch(/already used/);
  expect(await left(client)).toBe(2);
});

test.each<[string, string, Record<string, unknown>]>([
  ['another filter', 'delete', { ...pem, filter: {} }],
  ['one instead of all', 'delete', { ...pem, many: false }],
  ['another collection', 'delete', { ...pem, collection: 'copies' }],
  ['another tool', 'update', { ...pem, update: { $set: { mw: 0 } } }],
])('a token does not hold for %s', async (_what, tool, args) => {
  const { client } = await world();
  const { confirmation } = await asked(client, 'delete', pem);
  expect(await failure(client, tool, { ...args, confirmation })).toMatch(
    /Nothing was changed:.*other arguments/,
  );
  expect([await left(client), await left(client, 'copies')]).toEqual([3, 3]);
});

test('a token does not hold for another caller', async () => {
  const { app, client } = await world();
  const { confirmation } = await asked(client, 'delete', pem);
  const other = await clientOf(app, { caller: { id: 'mallory', scopes: operations } });
  expect(await failure(other, 'delete', { ...pem, confirmation })).toMatch(/another caller/);
  expect(await left(client)).toBe(3);
});

test('a token that was made up, or for something else, counts for nothing', async () => {
  const { app, client } = await world();
  const signer = await app.signer();
  for (const confirmation of ['yes', 'a.b.c', signer.sign('cursor', '{}')]) {
    expect(await failure(client, 'delete', { ...pem, confirmation })).toMatch(/not made here/);
  }
  expect(await left(client)).toBe(3);
});

test('a token is late after the time that a person has', async () => {
  const { client } = await world({ confirmTimeoutMs: 60_000 });
  const { text, confirmation } = await asked(client, 'delete', pem);
  expect(text).toMatch(/within 60 s/);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
  onTestFinished(() => void vi.useRealTimers());
  expect(await failure(client, 'delete', { ...pem, confirmation })).toMatch(/came too late/);
  vi.useRealTimers();
  expect(await left(client)).toBe(3);
});

test('where the data has changed in between, nothing happens, and the next token is for what there is now', async () => {
  const { client } = await world();
  const first = await asked(client, 'delete', pem);
  await call(client, 'insert', { collection: 'plants', documents: [{ _id: 4, type: 'PEM' }] });
  const second = await asked(client, 'delete', { ...pem, confirmation: first.confirmation });
  expect(second.text).toMatch(
    /Nothing was changed yet\. The data has changed since this was asked\.\nDelete 3 documents/,
  );
  expect(await left(client)).toBe(4);
  await call(client, 'delete', { ...pem, confirmation: second.confirmation });
  expect(await left(client)).toBe(1);
});

describe('a client that can ask a person', () => {
  test('asks under `either`, whatever token the model has', async () => {
    const { app, client: mute } = await world();
    const { confirmation } = await asked(mute, 'delete', pem);
    const { client, questions } = await elicitingClient(app, false);
    expect(await failure(client, 'delete', { ...pem, confirmation })).toMatch(/the person said no/);
    expect(questions).toHaveLength(1);
    expect(await left(client)).toBe(3);
  });

  test('is not asked under `token`', async () => {
    const { app } = await world({ confirmBy: 'token' });
    const { client, questions } = await elicitingClient(app, false);
    const { confirmation } = await asked(client, 'delete', pem);
    await call(client, 'delete', { ...pem, confirmation });
    expect(questions).toEqual([]);
    expect(await left(client)).toBe(1);
  });

  test('gets no token with its question that a second call could use', async () => {
    const { app } = await world();
    const { client } = await elicitingClient(app, true);
    const question = await client.request(
      { method: 'tools/call', params: { name: 'delete', arguments: pem } },
      { allowInputRequired: true },
    );
    const { requestState: confirmation } = question as unknown as { requestState: string };
    const mute = await clientOf(app);
    expect(await failure(mute, 'delete', { ...pem, confirmation })).toMatch(/other arguments/);
    expect(await left(mute)).toBe(3);
  });
});

test('by default there is no token: a client that cannot ask is told so, and what to set', async () => {
  const { client } = await world({ confirmBy: 'elicitation' });
  expect(await failure(client, 'delete', pem)).toMatch(
    /Nothing was changed:.*cannot ask.*confirmBy.*"either"/,
  );
  expect(await failure(client, 'delete', { ...pem, confirmation: 'x' })).toMatch(
    /"confirmation" is not taken, since this server asks its user itself \(setting confirmBy is "elicitation"\)/,
  );
});

test('nobody is asked where the settings waive it', async () => {
  const { client } = await world({ confirmWrites: 'never' });
  expect(await failure(client, 'delete', { ...pem, confirmation: 'x' })).toMatch(
    /"confirmation" is not taken, since this server confirms nothing \(setting confirmWrites is "never"\)/,
  );
  expect((await call(client, 'delete', pem)).structuredContent).toEqual({ deleted: 2 });
});

test.each<[Partial<GivenSettings>, readonly string[], RegExp]>([
  [{ confirmBy: 'elicitation' }, [], /A person may be asked/],
  [{ confirmBy: 'either' }, ['update', 'delete', 'drop_index', 'drop_collection'], /A person may be asked/],
  [{ confirmBy: 'token' }, ['update', 'delete', 'drop_index', 'drop_collection'], /It takes a second call/],
  [{ confirmBy: 'token', confirmWrites: 'never' }, [], /A person may be asked/],
])('with %o the token is an argument of %o', async (settings, names, description) => {
  const { client } = await world(settings);
  const { tools } = await client.listTools();
  const withToken = tools.filter(({ inputSchema }) =>
    Object.hasOwn(inputSchema.properties ?? {}, 'confirmation'),
  );
  expect(withToken.map(({ name }) => name)).toEqual(names);
  expect(tools.find(({ name }) => name === 'delete')?.description).toMatch(description);
});

test('the log says that no person confirmed it', async () => {
  const { app, client } = await world();
  const { confirmation } = await asked(client, 'delete', pem);
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const logged = await clientOf({ ...app, log });
  await call(logged, 'delete', { ...pem, confirmation });
  expect(lines.filter(({ audit }) => audit)).toMatchObject([
    { tool: 'delete', confirmation: 'confirmed by token' },
  ]);
});
