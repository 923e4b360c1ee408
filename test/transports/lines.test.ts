import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maxLevels } from '../../src/json-limits.ts';
import { createLineGate } from '../../src/transports/line-gate.ts';
import { createLineGuard } from '../../src/transports/line-guard.ts';
import { createLineTransport } from '../../src/transports/line-transport.ts';
import { temporaryDirectory } from '../support/call.ts';
import { eras } from '../support/connected.ts';
import { bare, cli, environmentOf, stdioClient } from '../support/process.ts';
import { paramsOf, rawServer } from '../support/raw-server.ts';

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

interface Expected {
  readonly code: number;
  readonly id?: unknown;
  readonly says: RegExp;
}

const wrong: readonly (readonly [what: string, line: string | Uint8Array, expected: Expected])[] = [
  ['text', 'hello', { code: -32700, says: /not JSON: Unexpected token 'h'/ }],
  ['half a message', '{"jsonrpc":"2.0","id":1', { code: -32700, says: /not JSON/ }],
  ['NaN', 'NaN', { code: -32700, says: /not JSON.*NaN/ }],
  ['NaN in a message', '{"jsonrpc":"2.0","id":NaN,"method":"ping"}', { code: -32700, says: /not JSON/ }],
  [
    'Infinity',
    '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":-Infinity}}',
    { code: -32700, says: /JSON/ },
  ],
  ['bytes that are not UTF-8', Uint8Array.from([0x22, 0xff, 0x22]), { code: -32700, says: /not UTF-8/ }],
  ['a NUL', '{"jsonrpc":"2.0","id":1,"method":"a\0"}', { code: -32700, says: /control character/ }],
  ['null', 'null', { code: -32600, says: /not null/ }],
  ['a number', '5', { code: -32600, says: /not a number/ }],
  ['an empty list', '[]', { code: -32600, says: /one message, not a batch/ }],
  [
    'a list of messages',
    '[{"jsonrpc":"2.0","id":1,"method":"ping"}]',
    { code: -32600, says: /on its own line/ },
  ],
  ['an object', '{"a":1}', { code: -32600, says: /"jsonrpc": "2\.0"/ }],
  ['another version', '{"jsonrpc":"1.0","id":7,"method":"ping"}', { code: -32600, id: 7, says: /"2\.0"/ }],
  ['no method', '{"jsonrpc":"2.0","id":7}', { code: -32600, id: 7, says: /no "method"/ }],
  [
    'a method that is no text',
    '{"jsonrpc":"2.0","id":7,"method":5}',
    { code: -32600, id: 7, says: /"method" must be text/ },
  ],
  [
    'an argument of a prompt that is no text',
    '{"jsonrpc":"2.0","id":7,"method":"prompts/get","params":{"name":"brief","arguments":{"topic":5}}}',
    { code: -32602, id: 7, says: /"arguments\.topic" must be text, not a number/ },
  ],
  [
    'a completion of nothing',
    '{"jsonrpc":"2.0","id":7,"method":"completion/complete","params":{"argument":{"name":"a","value":""}}}',
    { code: -32602, id: 7, says: /"ref" must have the type "ref\/prompt"/ },
  ],
  [
    'a resource without an address',
    '{"jsonrpc":"2.0","id":7,"method":"resources/read","params":{}}',
    { code: -32602, id: 7, says: /"uri" is missing/ },
  ],
  [
    'an id of null',
    '{"jsonrpc":"2.0","id":null,"method":"ping"}',
    { code: -32600, says: /"id" .* not null/ },
  ],
  [
    'an id that is an object',
    '{"jsonrpc":"2.0","id":{},"method":"ping"}',
    { code: -32600, says: /"id" .* not an object/ },
  ],
  [
    'a broken id',
    '{"jsonrpc":"2.0","id":1.5,"method":"ping"}',
    { code: -32600, id: 1.5, says: /whole number/ },
  ],
  [
    'an unknown member',
    '{"jsonrpc":"2.0","id":7,"method":"ping","x":1}',
    { code: -32600, id: 7, says: /Unknown member "x"/ },
  ],
  [
    'params that are a list',
    '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":[]}',
    { code: -32602, id: 7, says: /must be an object, not a list/ },
  ],
  [
    'params of null',
    '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":null}',
    { code: -32602, id: 7, says: /not null/ },
  ],
  [
    'a _meta that is no object',
    '{"jsonrpc":"2.0","id":7,"method":"ping","params":{"_meta":5}}',
    { code: -32602, id: 7, says: /_meta/ },
  ],
  [
    'initialize without params',
    '{"jsonrpc":"2.0","id":7,"method":"initialize"}',
    { code: -32602, id: 7, says: /protocolVersion/ },
  ],
  [
    'a response that is none',
    '{"jsonrpc":"2.0","id":7,"result":5}',
    { code: -32600, says: /A response must/ },
  ],
  [
    'a million levels',
    `{"jsonrpc":"2.0","method":"tools/call","params":{"id":1,"name":"find","arguments":{"a":${nested(1_000_000)}}},"id":"ä\\""}`,
    { code: -32600, id: 'ä"', says: /nested more than 1,000 levels/ },
  ],
  [
    'a response that is nested too deeply',
    `{"jsonrpc":"2.0","id":7,"result":{"a":${nested(5_000)}}}`,
    { code: -32600, says: /nested/ },
  ],
];

const silent: readonly (readonly [string, string])[] = [
  ['an empty line', ''],
  ['blanks', ' \t '],
  ['a notification', '{"jsonrpc":"2.0","method":"notifications/unknown","params":{}}'],
  ['a notification with wrong params', '{"jsonrpc":"2.0","method":"notifications/cancelled","params":5}'],
  ['a response to nothing', '{"jsonrpc":"2.0","id":7,"result":{}}'],
  ['an error to nothing', '{"jsonrpc":"2.0","id":7,"error":{"code":1,"message":"x"}}'],
];

describe.each(eras)('in %s', (era) => {
  test.each(['before the handshake', 'after it'])(
    'every line is answered with what was wrong %s',
    async (when) => {
      const server = rawServer({ ...bare, dataDir: await temporaryDirectory() }, { era });
      if (when === 'after it') await server.ask();
      for (const [what, line, { code, id = null, says }] of wrong) {
        const answers = await server.ask(line);
        expect(answers, what).toEqual([
          { jsonrpc: '2.0', id, error: { code, message: expect.stringMatching(says) } },
        ]);
      }
      for (const [what, line] of silent) expect(await server.ask(line), what).toEqual([]);
    },
  );

  test('requests with the same id, of an unknown method or with strange names are answered one by one', async () => {
    const server = rawServer({ ...bare, dataDir: await temporaryDirectory() }, { era });
    await server.ask();
    const request = (id: number, method: string, params: Record<string, unknown> = {}): string =>
      JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, ...paramsOf(era) } });

    const answers = await server.answersTo(
      [
        request(1, 'tools/list'),
        request(1, 'tools/list'),
        request(2, 'nothing/here'),
        request(3, '__proto__'),
        request(4, 'tools/call', {}),
        request(5, 'tools/call', { name: 'constructor' }),
        `\ufeff${request(6, 'tools/list')}\r`,
      ],
      7,
    );

    expect(answers.map(({ id, error }) => [id, error?.code]).sort()).toEqual([
      [1, undefined],
      [1, undefined],
      [2, -32601],
      [3, -32601],
      [4, -32602],
      [5, -32602],
      [6, undefined],
    ]);
  });
});

test('a last line without a line break is answered', async () => {
  const server = rawServer({ ...bare, dataDir: await temporaryDirectory() });
  await server.ask();
  expect(await server.rest('{"jsonrpc":"2.0","id":"last","method":"ping"}')).toMatchObject([
    { id: 'last', result: {} },
  ]);
});

test('a half line at the end is told as such', async () => {
  const server = rawServer({ ...bare, dataDir: await temporaryDirectory() });
  await server.ask();
  expect(await server.rest('{"jsonrpc":"2.0","id":')).toMatchObject([{ id: null, error: { code: -32700 } }]);
});

test('lines of megabytes are read one by one, and come out whole and in their order', async () => {
  const lines = Array.from({ length: 8 }, (_, i) => `${i}${'x'.repeat(2 ** 20)}\n`);
  const pieces = lines
    .flatMap((line) => line.match(/.{1,65536}|\n/g) ?? [])
    .map((piece) => Buffer.from(piece));
  const guard = Readable.from(pieces).pipe(createLineGuard(2 ** 22, () => {}));
  await expect.poll(() => guard.writableNeedDrain).toBe(true);
  expect(guard.readableLength).toBe(1);
  const seen: string[] = [];
  for await (const line of guard) seen.push(String(line));
  expect(seen).toEqual(lines);
});

test('a stdin that cannot be read ends the server, without a stack trace', async () => {
  const dataDir = await temporaryDirectory();
  const writeOnly = await open(join(dataDir, 'written'), 'w');
  const child = spawn(process.execPath, [cli], {
    env: environmentOf({ dataDir }),
    stdio: [writeOnly.fd, 'ignore', 'pipe'],
  });
  if (!child.stderr) throw new Error('no pipe');
  const [log, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  await writeOnly.close();
  expect(code).toBe(0);
  expect(log).toMatch(/stdin cannot be read.*stopped/s);
  expect(log).not.toMatch(/\n\s+at /);
});

test('an argument as deep as a document of MongoDB may be is no reason to refuse a message', async () => {
  const { client } = await stdioClient({
    dataDir: await temporaryDirectory(),
    enableWrites: 'true',
    confirmWrites: 'never',
  });
  let document: Record<string, unknown> = { value: 1 };
  for (let level = 0; level < 98; level++) document = { inner: document };

  const answer = await client.callTool({
    name: 'insert',
    arguments: { collection: 'deep', documents: [document] },
  });

  expect(JSON.stringify(answer.content)).toMatch(/inserted.{0,4}:1/);
});

test("the SDK's client goes on after an answer without an id", async () => {
  const { client } = await stdioClient({ ...bare, dataDir: await temporaryDirectory() });
  // The list is refused as a whole: an answer whose id is null.
  await client.transport?.send([{ jsonrpc: '2.0', id: 'x', method: 'ping' }] as never);
  expect((await client.listTools()).tools.length).toBeGreaterThan(0);
});

test('whatever a line holds, it is read as one message, gets one answer or is a notification', async () => {
  const member = fc.oneof(fc.jsonValue(), fc.constantFrom('2.0', 'ping', 'tools/call', 1, null));
  const message = fc.record(
    { jsonrpc: member, id: member, method: member, params: member, result: member, error: member },
    { requiredKeys: [] },
  );
  const line = fc.oneof(
    message.map((value) => JSON.stringify(value)),
    fc.json(),
    fc.string(),
    message.map((value) => JSON.stringify(value).slice(0, -1)),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 8 }),
      fc.integer({ min: 1, max: 40 }),
      async (lines, piece) => {
        const input = createLineGuard(2 ** 20, () => {});
        const output = new PassThrough();
        const transport = createLineTransport(input, output, createLineGate(input, 2 ** 20, 1_000));
        let [messages, refusals] = [0, 0];
        transport.onmessage = () => void messages++;
        transport.onerror = () => void refusals++;
        await transport.start();
        const flat = lines.map((text) => text.replaceAll('\n', ' '));
        const bytes = Buffer.from(flat.map((text) => `${text}\n`).join(''));
        for (let at = 0; at < bytes.length; at += piece) input.write(bytes.subarray(at, at + piece));
        await new Promise((resolve) => input.end(resolve));
        await new Promise((resolve) => setImmediate(resolve));

        const blank = flat.filter((text) => text.replace('\ufeff', '').trim() === '').length;
        expect(messages + refusals).toBe(flat.length - blank);
        const written = String(output.read() ?? '')
          .split('\n')
          .filter((text) => text !== '');
        for (const text of written) expect(JSON.parse(text)).toMatchObject({ jsonrpc: '2.0', error: {} });
        expect(written.length).toBeLessThanOrEqual(refusals);
      },
    ),
    { numRuns: 300 },
  );
});

test('the levels that are taken are counted, those in texts are not', async () => {
  const server = rawServer({ ...bare, dataDir: await temporaryDirectory() });
  const ping = (inner: string): string => `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":${inner}}}`;
  expect(await server.ask(ping(nested(maxLevels - 2)))).toMatchObject([{ id: 1, result: {} }]);
  expect(await server.ask(ping(JSON.stringify(`\\"${nested(5_000)}`)))).toMatchObject([
    { id: 1, result: {} },
  ]);
  expect(await server.ask(ping(nested(maxLevels - 1)))).toMatchObject([{ id: 1, error: { code: -32600 } }]);
});
