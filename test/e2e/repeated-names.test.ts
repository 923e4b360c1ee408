// MongoDB applies both conditions of {"a":1,"a":2}; JSON.parse would keep the last.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { command } from '../support/command.ts';
import { bare } from '../support/process.ts';
import { paramsOf, type RawServer, startServer } from '../support/raw-server.ts';

let stdio: RawServer;
let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'hydrogen-names-'));
  stdio = startServer({ ...bare, dataDir, logLevel: 'silent' }, { era: '2026-07-28' });
});
afterAll(async () => {
  stdio.child.kill('SIGKILL');
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
});

const refusal = /"a" stands twice in one object.*\{"\$and":\[\{"a":…\},\{"a":…\}\]\}/;

test.each([
  ['as an object', '{"a":1,"a":2}'],
  ['as text', JSON.stringify('{"a":1,"a":2}')],
])('a filter with the same field twice is refused over MCP, %s', async (_how, filter) => {
  const params = JSON.stringify({ ...paramsOf('2026-07-28'), name: 'count' }).slice(0, -1);
  const [answer] = await stdio.answersTo(
    [
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params},"arguments":{"collection":"c","filter":${filter}}}}`,
    ],
    1,
  );
  expect(JSON.stringify(answer).replaceAll('\\"', '"')).toMatch(refusal);
});

test('a filter with the same field twice is refused on the command line', async () => {
  const { code, err } = await command(['find', 'c', '{"a":1,"a":2}'], { ...bare, dataDir });
  expect(code).not.toBe(0);
  expect(err).toMatch(refusal);
});
