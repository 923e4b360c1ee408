import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { expect, onTestFinished, test } from 'vitest';
import { withGenerated } from '../../scripts/docs.ts';
import { temporaryDirectory } from '../support/call.ts';
import { newClient } from '../support/connected.ts';
import { hydrogen, root } from '../support/process.ts';

const readme = await readFile(join(root, 'README.md'), 'utf8');

test("README's tables of tools and settings are those of the code", () => {
  expect(withGenerated(readme)).toBe(readme);
});

test('README names every command, and no other', () => {
  const [, commands = ''] = hydrogen(['--help']).out.split('Commands:\n');
  const known = [...commands.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name = '']) => name);
  const named = [...readme.matchAll(/^hydrogen ([a-z-]+)/gm)].map(([, name = '']) => name);
  expect(new Set(named)).toEqual(new Set(known.filter((name) => name !== 'help')));
});

test('mcp.json starts a server from a clone', async () => {
  const { mcpServers } = JSON.parse(await readFile(join(root, 'mcp.json'), 'utf8')) as {
    mcpServers: { hydrogen: { command: string; args: string[] } };
  };
  const transport = new StdioClientTransport({
    ...mcpServers.hydrogen,
    cwd: root,
    env: {
      PATH: process.env['PATH'] ?? '',
      HYDROGEN_DATA_DIR: await temporaryDirectory(),
      HYDROGEN_LOG_LEVEL: 'silent',
    },
  });
  const client = newClient('2025-11-25');
  await client.connect(transport);
  onTestFinished(() => client.close());
  expect((await client.listTools()).tools.length).toBeGreaterThan(10);
});

const oldNode = process.env['HYDROGEN_TEST_OLD_NODE'] ?? '/usr/bin/node';
const isOld = existsSync(oldNode) && (await versionOf(oldNode)) < 22;

async function versionOf(node: string): Promise<number> {
  const child = spawn(node, ['--version']);
  let out = '';
  child.stdout.on('data', (part) => {
    out += part;
  });
  await once(child, 'close');
  return Number(/^v(\d+)/.exec(out)?.[1]);
}

test.skipIf(!isOld)(
  'a Node that is too old is told so in one line (enable with HYDROGEN_TEST_OLD_NODE=/path/to/node)',
  async () => {
    const child = spawn(oldNode, [join(root, 'dist', 'cli.js')]);
    let err = '';
    child.stderr.on('data', (part) => {
      err += part;
    });
    const [code] = await once(child, 'close');
    expect(code).toBe(1);
    expect(err).toMatch(/^hydrogen needs Node 22\.13 or newer; this is \d+\.\d+\.\d+\..*\n$/);
  },
);
