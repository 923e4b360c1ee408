import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLineGuard } from '../../src/transports/line-guard.ts';
import { temporaryDirectory } from '../support/call.ts';
import { bare, cli, environmentOf, hydrogen, root, type Settings, stdioClient } from '../support/process.ts';

const hello = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
};
const searching = {
  jsonrpc: '2.0',
  id: 2,
  method: 'tools/call',
  params: { name: 'search', arguments: { query: 'anything' } },
};

/** Everything the server writes to stdout until it has answered both requests and stdin has ended. */
async function conversation(settings: Settings): Promise<{ out: string; code: number | null }> {
  const child = spawn(process.execPath, [cli], { cwd: root, env: environmentOf(settings), stdio: 'pipe' });
  child.stderr.resume();
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    if (out.includes('"id":2')) child.stdin.end();
  });
  for (const message of [hello, searching]) child.stdin.write(`${JSON.stringify(message)}\n`);
  const [code] = (await once(child, 'close')) as [number | null];
  return { out, code };
}

test.each<[string, (directory: string) => Settings]>([
  ['everything is logged', () => ({ logLevel: 'trace' })],
  ['the model is broken', (directory) => ({ embeddingModel: join(directory, 'missing') })],
  ['the data directory cannot be used', (directory) => ({ dataDir: join(directory, 'file', 'data') })],
])('stdout holds nothing but protocol lines when %s', async (_when, settings) => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'file'), '');
  const { out } = await conversation({ dataDir: join(directory, 'data'), ...settings(directory) });
  expect(out[0]).toBe('{');
  for (const line of out.trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });
});

test('the server ends by itself when stdin ends', async () => {
  const { code } = await conversation({ ...bare, dataDir: await temporaryDirectory() });
  expect(code).toBe(0);
});

test('a setting that cannot be ends the program with the reason on stderr and nothing on stdout', () => {
  const { code, out, err } = hydrogen([], { httpPort: 'abc' });
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toBe(
    'hydrogen: Environment variable HYDROGEN_HTTP_PORT: httpPort must be a whole number, not "abc".\n',
  );
});

test('an error of the server shows neither its paths nor a stack', async () => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'file'), '');
  const { out } = await conversation({ ...bare, dataDir: join(directory, 'file', 'data') });
  expect(out).toMatch(/data directory cannot be used/);
  expect(out).not.toContain(directory);
  expect(out).not.toMatch(/\bat .*\.ts:\d+/);
});

test('what was asked before stdin ended is answered', async () => {
  const child = spawn(process.execPath, [cli], {
    cwd: root,
    env: environmentOf({ ...bare, dataDir: await temporaryDirectory() }),
    stdio: 'pipe',
  });
  child.stderr.resume();
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stdin.end([hello, searching].map((message) => `${JSON.stringify(message)}\n`).join(''));
  await once(child, 'close');
  expect(out).toContain('"id":2');
});

test('a message that is too long is refused, and the server goes on', async () => {
  const { client } = await stdioClient({ ...bare, dataDir: await temporaryDirectory() });
  const text = 'lorem '.repeat(3_000_000);

  const long = client.callTool({ name: 'search', arguments: { query: text } });

  await expect(long).rejects.toThrow(/longer than 10 MiB.*send less/);
  const { content } = await client.callTool({ name: 'search', arguments: { query: 'lorem' } });
  expect(JSON.stringify(content)).toContain('No passage found');
});

test.each([
  ['at the end', (text: string) => ({ method: 'tools/call', params: { text }, jsonrpc: '2.0', id: 'a"b' })],
  [
    'at the beginning',
    (text: string) => ({ jsonrpc: '2.0', id: 'a"b', method: 'tools/call', params: { text } }),
  ],
  [
    'behind the method',
    (text: string) => ({ jsonrpc: '2.0', method: 'tools/call', id: 'a"b', params: { text } }),
  ],
])('a line that is too long is told by its id %s, and the others pass whole', async (_where, messageOf) => {
  const refused: unknown[] = [];
  const guard = createLineGuard(100, (id) => refused.push(id));
  let passed = '';
  guard.on('data', (part: Buffer) => {
    passed += part.toString('utf8');
  });
  const long = JSON.stringify(messageOf('ä'.repeat(5_000)));
  const all = Buffer.from(`{"id":1}\n${long}\n{"id":2}\n{"id":3`);

  for (let at = 0; at < all.length; at += 7) guard.write(all.subarray(at, at + 7));
  guard.write('}\n');
  await new Promise((resolve) => guard.end(resolve));

  expect(refused).toEqual(['a"b']);
  expect(passed).toBe('{"id":1}\n{"id":2}\n{"id":3}\n');
});

test('what shows a tool that is switched off is refused on stdio, with a line in the log', async () => {
  const child = spawn(process.execPath, [cli], {
    cwd: root,
    env: environmentOf({ ...bare, dataDir: await temporaryDirectory(), disabledTools: 'get_document' }),
    stdio: 'pipe',
  });
  let [out, err] = ['', ''];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    if (out.includes('"id":2')) child.stdin.end();
  });
  const params = { uri: 'hydrogen://documents/inline/caverns' };
  for (const message of [hello, { jsonrpc: '2.0', id: 2, method: 'resources/read', params }]) {
    child.stdin.write(`${JSON.stringify(message)}\n`);
  }
  await once(child, 'close');
  expect(JSON.parse(out.trim().split('\n').at(-1) ?? '')).toMatchObject({
    id: 2,
    error: { message: expect.stringMatching(/not found/i) },
  });
  const lines = err.split('\n').filter((line) => line.includes('"kind":"resource"'));
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { kind: 'resource', action: 'read', name: 'document', caller: 'owner', code: 'not_allowed' },
  ]);
});
