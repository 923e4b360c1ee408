import { describe, expect, onTestFinished, test } from 'vitest';
import { serveOnHttp } from '../../src/transports/http.ts';
import { maxMembers, maxNameLength } from '../../src/transports/message-parts.ts';
import { temporaryDirectory } from '../support/call.ts';
import { eras, openedApp } from '../support/connected.ts';
import { bare, httpClient } from '../support/process.ts';
import { post, rawHttp } from '../support/raw-http.ts';
import { paramsOf, rawServer } from '../support/raw-server.ts';

// What the SDK would check and copy member by member, on the thread that everybody waits for.

const many = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, '']));
const tooMany = many(10_000);
const long = 'x'.repeat(3_000_000);
const template = { type: 'ref/resource', uri: 'hydrogen://documents/{+id}' };
const argument = { name: 'id', value: '' };

type Row = readonly [what: string, method: string, params: Record<string, unknown>, says: string];

const members = (place: string): string => `"${place}" has more than 1,000 values and names: send less.`;
const characters = (place: string, count: string): string =>
  `"${place}" has ${count} characters: at most 10,000 are accepted.`;

const refused: readonly Row[] = [
  [
    'arguments of a prompt',
    'prompts/get',
    { name: 'brief', arguments: tooMany },
    members('params.arguments'),
  ],
  [
    'values that are chosen already',
    'completion/complete',
    { ref: template, argument, context: { arguments: tooMany } },
    members('params.context'),
  ],
  ['arguments of a tool', 'tools/call', { name: 'find', arguments: tooMany }, members('params.arguments')],
  ['unknown parameters', 'tools/list', tooMany, members('params')],
  ['unknown parameters of templates', 'resources/templates/list', tooMany, members('params')],
  ['a list in a parameter', 'ping', { list: Object.keys(tooMany) }, members('params.list')],
  [
    'capabilities',
    'initialize',
    {
      protocolVersion: '2025-11-25',
      capabilities: { experimental: tooMany },
      clientInfo: { name: 'raw', version: '1' },
    },
    members('params.capabilities'),
  ],
  ['a long URI', 'resources/read', { uri: `hydrogen://${long}` }, characters('params.uri', '3,000,011')],
  [
    'a long URI of a template',
    'completion/complete',
    { ref: { ...template, uri: long }, argument },
    characters('params.ref.uri', '3,000,000'),
  ],
  ['a long name', 'tools/call', { name: long }, characters('params.name', '3,000,000')],
  ['a long method', long, {}, characters('method', '3,000,000')],
];

const messageOf = (id: unknown, method: string, params: Record<string, unknown>): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });

describe.each(eras)('in %s', (era) => {
  test('what has no place in a message is refused with the most that is taken', async () => {
    const server = rawServer({ ...bare, dataDir: await temporaryDirectory() }, { era });
    for (const [what, method, params, says] of refused) {
      const answers = await server.ask(messageOf(7, method, { ...params, ...paramsOf(era) }));
      expect(answers, what).toEqual([
        { jsonrpc: '2.0', id: 7, error: { code: -32602, message: `${says} Nothing was done.` } },
      ]);
    }
    const meta = { _meta: { ...(paramsOf(era)['_meta'] as object), ...tooMany } };
    expect(await server.ask(messageOf(7, 'tools/list', meta))).toMatchObject([
      { id: 7, error: { code: -32602, message: `${members('params._meta')} Nothing was done.` } },
    ]);
    const response = JSON.stringify({ jsonrpc: '2.0', id: 7, result: tooMany });
    expect(await server.ask(response)).toMatchObject([
      { id: null, error: { code: -32600, message: `${members('result')} Nothing was done.` } },
    ]);
  });

  test('what a person or a program means is taken', async () => {
    const app = await openedApp({ settings: { httpPort: 0, enableWrites: true } });
    const server = await serveOnHttp(app);
    onTestFinished(() => server.close());
    const client = await httpClient(server.url, era);

    const { messages } = await client.getPrompt({ name: 'brief', arguments: { topic: long } });
    const { structuredContent } = await client.callTool({
      name: 'insert',
      arguments: { collection: 'wide', documents: [many(20_000)] },
    });
    // As long as the id of a document may be when each of its characters is escaped.
    const uri = `hydrogen://documents/${encodeURIComponent('…'.repeat(1_024))}`;

    expect(JSON.stringify(messages).length).toBeGreaterThan(long.length);
    expect(structuredContent).toMatchObject({ inserted: 1 });
    await expect(client.readResource({ uri })).rejects.toThrow(/There is no document/);
  });
});

test('over HTTP a session is told so too, also of a list of messages', async () => {
  const app = await openedApp({ settings: { httpPort: 0 } });
  const server = await serveOnHttp(app);
  onTestFinished(() => server.close());
  const port = Number(new URL(server.url).port);
  const capabilities = { experimental: tooMany };
  const params = {
    protocolVersion: '2025-11-25',
    capabilities,
    clientInfo: { name: 'raw', version: '1' },
  };
  const list = Array.from({ length: 20_000 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'ping' }));

  expect(await rawHttp(port, post(messageOf('first', 'initialize', params)))).toMatchObject({
    status: 400,
    error: { id: 'first', code: -32602, message: expect.stringContaining(members('params.capabilities')) },
  });
  expect(await rawHttp(port, post(JSON.stringify(list)))).toMatchObject({
    status: 400,
    error: { id: null, message: expect.stringMatching(/exceeds 100 messages/) },
  });
});

test('the most that is taken is counted, and no more than that is looked at', async () => {
  const server = rawServer({ ...bare, dataDir: await temporaryDirectory() });
  // The parameter itself, and the name and value of each.
  const ping = (count: number): string => messageOf(1, 'ping', { list: Array(count).fill(0) });
  expect(await server.ask(ping(maxMembers - 2))).toMatchObject([{ result: {} }]);
  expect(await server.ask(ping(maxMembers - 1))).toMatchObject([{ error: { code: -32602 } }]);
  const read = (length: number): string => messageOf(1, 'resources/read', { uri: 'x'.repeat(length) });
  expect(await server.answersTo([read(maxNameLength)], 1)).toMatchObject([
    { error: { message: expect.stringMatching(/^Resource URI x+ is invalid/) } },
  ]);
});

test.each([
  ['null, which is none', 'null', { result: {} }],
  ['an object as text', JSON.stringify('{"reason":"x"}'), { result: {} }],
  [
    'other text',
    '"x"',
    { error: { code: -32602, message: '"arguments" must be an object, not text. Nothing was done.' } },
  ],
  [
    'a list',
    '[1]',
    { error: { code: -32602, message: '"arguments" must be an object, not a list. Nothing was done.' } },
  ],
])('arguments that are %s', async (_what, args, answer) => {
  const server = rawServer({ ...bare, dataDir: await temporaryDirectory() });
  const call = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"health","arguments":${args}}}`;
  expect(await server.answersTo([call], 1)).toMatchObject([answer]);
});

test('a cursor that is null is none, and one that is no text is refused as such', async () => {
  const server = rawServer({ ...bare, dataDir: await temporaryDirectory() });
  const list = (cursor: unknown): string => messageOf(1, 'resources/list', { cursor });
  expect(await server.answersTo([list(null)], 1)).toMatchObject([
    { result: { resources: expect.anything() } },
  ]);
  expect(await server.answersTo([list(5)], 1)).toMatchObject([
    { error: { code: -32602, message: expect.stringMatching(/^"cursor" must be text.*not a number/) } },
  ]);
});
