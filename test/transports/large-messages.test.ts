import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { hasTooManyValues, maxValues } from '../../src/json-limits.ts';
import { createAdmission, maxSmallBytes } from '../../src/transports/admission.ts';
import { serveOnHttp } from '../../src/transports/http.ts';
import { createLineGate } from '../../src/transports/line-gate.ts';
import { temporaryDirectory } from '../support/call.ts';
import { eras, openedApp } from '../support/connected.ts';
import { bare, httpClient, stdioClient } from '../support/process.ts';
import { rawHttp } from '../support/raw-http.ts';
import { paramsOf, rawServer } from '../support/raw-server.ts';

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const repeated = (value: unknown, times: number): unknown[] => Array.from({ length: times }, () => value);

test.each([
  ['a list of 50,000 ids', repeated({ $oid: '5b0b7c95744792e5a81f004b' }, 50_000)],
  [
    'a thousand documents of a hundred fields',
    repeated(Object.fromEntries(repeated(0, 100).entries()), 1_000),
  ],
  ['text with a million commas, brackets and quotes', [`${'\\"[{,:'.repeat(1_000_000)}\\`]],
])('%s is taken', (_what, value) => {
  expect(hasTooManyValues(json(value))).toBe(false);
});

test.each([
  ['numbers', repeated(1, maxValues + 1)],
  ['empty objects', repeated({}, maxValues)],
  ['empty lists', repeated([], maxValues)],
  ['names', Object.fromEntries(repeated(0, maxValues).entries())],
  ['texts', repeated('\\', maxValues + 1)],
])('too many %s are seen without parsing them', (_what, value) => {
  expect(hasTooManyValues(json(value))).toBe(true);
});

test('large messages are let in as long as there is room, the others in their order', async () => {
  const admission = createAdmission(10 * maxSmallBytes);
  const first = admission.tryEnter(6 * maxSmallBytes);
  expect(admission.tryEnter(6 * maxSmallBytes)).toBeUndefined();
  const entered: string[] = [];
  const second = admission.enter(6 * maxSmallBytes, 10_000).then((release) => {
    entered.push('second');
    return release;
  });
  const third = admission.enter(2 * maxSmallBytes, 10_000).then((release) => {
    entered.push('third');
    return release;
  });
  expect(admission.tryEnter(maxSmallBytes)).toBeDefined();
  expect(entered).toEqual([]);
  first?.();
  first?.();
  await Promise.all([second, third]);
  expect(entered).toEqual(['second', 'third']);
  expect(admission.tryEnter(3 * maxSmallBytes)).toBeUndefined();
});

test('those who send large messages take turns: nobody waits for all that another one has sent', async () => {
  const admission = createAdmission(6 * maxSmallBytes);
  const first = admission.tryEnter(6 * maxSmallBytes);
  const entered: string[] = [];
  const enter = async (who: string, what: string): Promise<void> => {
    const release = await admission.enter(6 * maxSmallBytes, 10_000, { who });
    entered.push(what);
    release?.();
  };
  const all = ['ada 1', 'ada 2', 'ada 3', 'bob 1', 'eve 1', 'bob 2'].map((what) =>
    enter(what.slice(0, 3), what),
  );
  first?.();
  await Promise.all(all);
  expect(entered).toEqual(['ada 1', 'bob 1', 'eve 1', 'ada 2', 'bob 2', 'ada 3']);
});

test('a message that waits too long is not let in, and does not stand before others', async () => {
  const admission = createAdmission(10 * maxSmallBytes);
  const first = admission.tryEnter(6 * maxSmallBytes);
  const late = admission.enter(10 * maxSmallBytes, 20);
  const behind = admission.enter(4 * maxSmallBytes, 10_000);
  expect(await late).toBeUndefined();
  expect(await behind).toBeDefined();
  first?.();
});

test('a message that is larger than all the room goes alone', async () => {
  const admission = createAdmission(2 * maxSmallBytes);
  const release = admission.tryEnter(5 * maxSmallBytes);
  expect(release).toBeDefined();
  expect(admission.tryEnter(2 * maxSmallBytes)).toBeUndefined();
  release?.();
  expect(admission.tryEnter(2 * maxSmallBytes)).toBeDefined();
});

test('a message of which the size was not known gives back what it does not take', () => {
  const admission = createAdmission(10 * maxSmallBytes);
  const release = admission.tryEnter(10 * maxSmallBytes);
  release?.(4 * maxSmallBytes);
  expect(admission.tryEnter(7 * maxSmallBytes)).toBeUndefined();
  const second = admission.tryEnter(6 * maxSmallBytes);
  second?.(maxSmallBytes);
  second?.();
  release?.();
  expect(admission.tryEnter(10 * maxSmallBytes)).toBeDefined();
});

const large = (id: number): Buffer => json({ id, text: 'x'.repeat(2 * maxSmallBytes) });

const small = (id: number): Buffer => json({ id });

function gated(room = 3 * maxSmallBytes, limitMs = 60_000) {
  const seen: number[] = [];
  const lines = new Readable({ read() {} });
  const gate = createLineGate(lines, room, limitMs);
  const admit = (line: Buffer): void =>
    gate.admit(line, (one) => void seen.push((JSON.parse(one.toString()) as { id: number }).id));
  return { seen, lines, gate, admit };
}

test('a large line waits until the one before it is answered', async () => {
  const { seen, gate, admit } = gated();
  admit(large(1));
  admit(large(2));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(seen).toEqual([1]);
  expect(gate.isIdle).toBe(false);
  gate.answered(7);
  gate.answered(1);
  await expect.poll(() => seen).toEqual([1, 2]);
  expect(gate.isIdle).toBe(true);
});

test('small lines pass a large one that waits; behind a second large one nothing is read', async () => {
  const { seen, lines, gate, admit } = gated();
  admit(large(1));
  admit(large(2));
  admit(small(3));
  expect(seen).toEqual([1, 3]);
  expect(lines.isPaused()).toBe(false);
  admit(large(4));
  expect(lines.isPaused()).toBe(true);
  gate.answered(1);
  await expect.poll(() => seen).toEqual([1, 3, 2]);
  expect(lines.isPaused()).toBe(false);
});

test('a large line that is cancelled makes room, and is dropped where it waits', async () => {
  const { seen, gate, admit } = gated();
  for (const id of [1, 2, 3]) admit(large(id));
  gate.cancelled(2);
  gate.cancelled(1);
  await expect.poll(() => seen).toEqual([1, 3]);
});

test('at the end all lines are let in, to be refused', async () => {
  const { seen, gate, admit } = gated();
  for (const id of [1, 2, 3]) admit(large(id));
  gate.open();
  await expect.poll(() => seen).toEqual([1, 2, 3]);
  admit(large(4));
  expect(seen).toEqual([1, 2, 3, 4]);
});

test('a large line is handed on when its time is over, since nothing may remain without an answer', async () => {
  const seen: Buffer[] = [];
  const gate = createLineGate(new Readable({ read() {} }), 3 * maxSmallBytes, 30);
  gate.admit(large(1), (line) => void seen.push(line));
  gate.admit(large(2), (line) => void seen.push(line));
  await expect.poll(() => seen.length).toBe(2);
});

const tooMany = {
  name: 'count',
  arguments: { collection: 'plants', filter: { n: { $in: repeated(1, 300_000) } } },
};
const says = /more than 250,000 values and names: send less at a time/;

test.each(eras)('over HTTP a client of %s is told that a message has too many values', async (era) => {
  const app = await openedApp({ data: { plants: [{ n: 1 }] }, settings: { httpPort: 0 } });
  const server = await serveOnHttp(app);
  onTestFinished(() => server.close());
  const client = await httpClient(server.url, era);
  await expect(client.callTool(tooMany)).rejects.toThrow(says);
  expect((await client.listTools()).tools).not.toHaveLength(0);
});

test('on stdio a client is told so too, and its next call is answered', async () => {
  const { client } = await stdioClient({ ...bare, dataDir: await temporaryDirectory() });
  await expect(client.callTool(tooMany)).rejects.toThrow(says);
  expect((await client.listTools()).tools).not.toHaveLength(0);
});

test('large messages that come at once over HTTP are answered, one after another', async () => {
  const app = await openedApp({
    data: { plants: [{ n: 1 }] },
    settings: { httpPort: 0, httpRequestTimeoutMs: 60_000 },
  });
  const server = await serveOnHttp(app);
  onTestFinished(() => server.close());
  const client = await httpClient(server.url, '2026-07-28');
  const filter = { n: { $in: [1, 'x'.repeat(3_000_000)] } };
  const answers = await Promise.all(
    repeated(filter, 6).map(() =>
      client.callTool({ name: 'count', arguments: { collection: 'plants', filter } }),
    ),
  );
  expect(answers.map(({ structuredContent }) => structuredContent)).toEqual(repeated({ count: 1 }, 6));
});

test('a large body does not wait longer for another than its call may take', async () => {
  const app = await openedApp({
    settings: { httpPort: 0, callTimeoutMs: 500, httpRequestTimeoutMs: 60_000 },
  });
  const server = await serveOnHttp(app);
  onTestFinished(() => server.close());
  const port = Number(new URL(server.url).port);
  const head =
    'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 4000000\r\n\r\n';
  const slow = connect({ port, host: '127.0.0.1' }).on('error', () => {});
  onTestFinished(() => void slow.destroy());
  await new Promise<void>((resolve) => slow.write(`${head}{`, () => resolve()));
  const answer = await rawHttp(port, [head, ' '.repeat(4_000_000)]);
  expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': expect.stringMatching(/^\d+$/) } });
  expect(answer?.error?.message).toMatch(/busy with other large messages/);
});

test.each([
  ['of a length', 'Content-Length: 4000000\r\n\r\n{'],
  ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n'],
])('a slow body %s to an address where there is nothing holds up nobody', async (_what, body) => {
  const app = await openedApp({
    settings: { httpPort: 0, callTimeoutMs: 500, httpRequestTimeoutMs: 60_000 },
  });
  const server = await serveOnHttp(app);
  onTestFinished(() => server.close());
  const port = Number(new URL(server.url).port);
  const slow = await rawHttp(port, [
    `POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${body}`,
  ]);
  expect(slow).toMatchObject({ status: 404 });
});

test('small bodies in chunks do not wait for each other, however long their answers take', async () => {
  const app = await openedApp({ settings: { httpPort: 0, httpRequestTimeoutMs: 2_000 } });
  const server = await serveOnHttp(app);
  onTestFinished(() => server.close());
  const inChunks = (id: number, method: string, params = {}): Promise<Response> =>
    fetch(server.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': method,
      },
      body: new Blob([
        json({ jsonrpc: '2.0', id, method, params: { ...params, ...paramsOf('2026-07-28') } }),
      ]).stream(),
      duplex: 'half',
    });
  // Each is open until its client goes.
  const listening = { notifications: { toolsListChanged: true } };
  for (const id of [1, 2]) {
    const { status, body } = await inChunks(id, 'subscriptions/listen', listening);
    onTestFinished(async () => void (await body?.cancel()));
    expect(status).toBe(200);
  }
  expect((await inChunks(3, 'tools/list')).status).toBe(200);
});

test('large calls are all answered where stdin ends behind them', async () => {
  const server = rawServer({ ...bare, dataDir: await temporaryDirectory() }, { era: '2026-07-28' });
  await server.ask();
  const call = (id: number): string =>
    JSON.stringify({
      jsonrpc: '2.0',
      id,
      method: 'tools/call',
      params: {
        name: 'count',
        arguments: { collection: 'plants', filter: { text: 'x'.repeat(6_000_000) } },
        ...paramsOf('2026-07-28'),
      },
    });
  const answers = await server.rest(`${[1, 2, 3].map(call).join('\n')}\n`);
  expect(answers.map(({ id }) => id).sort()).toEqual([1, 2, 3]);
});
