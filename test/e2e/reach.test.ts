import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startHttp } from '../../scripts/demo/connect.ts';
import { runIdOf, sampleCallsOf } from '../../scripts/sample-calls.ts';
import { tools as everyTool } from '../../src/tools/tools.ts';
import { call } from '../support/answers.ts';
import { type Era, eras, newClient } from '../support/connected.ts';
import { cli, environmentOf, hydrogen, root, type Settings } from '../support/process.ts';
import { repetitions } from '../support/repetitions.ts';

/** One data directory with some of the samples, and one HTTP server on it, for all that follows. */
let base: string;
let settings: Settings;
let http: { url: string; child: ChildProcess };

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'hydrogen-test-'));
  const documents = join(base, 'documents');
  await mkdir(documents);
  for (const file of ['salt-caverns.md', 'cost-of-hydrogen.md', 'pem-electrolysis.md'])
    await copyFile(join(root, 'samples/documents', file), join(documents, file));
  const dataDir = join(base, 'data');
  settings = {
    dataDir,
    enableIngest: 'true',
    folders: documents,
    enableWrites: 'true',
    confirmWrites: 'never',
  };
  for (const args of [
    ['ingest', documents],
    ['import', 'technologies', join(root, 'samples/collections/technologies.jsonl')],
    ['run', 'electrolyser-cost-brief'],
  ]) {
    const { code, err } = hydrogen(args, settings);
    expect(code, err).toBe(0);
  }
  http = await startHttp({ cli, dataDir, root, env: environmentOf(settings) });
}, 60_000);

afterAll(async () => {
  if (http) {
    http.child.kill('SIGTERM');
    await once(http.child, 'exit');
  }
  await rm(base, { recursive: true, force: true, maxRetries: 5 });
});

function transportOf(name: 'stdio' | 'HTTP'): StdioClientTransport | StreamableHTTPClientTransport {
  if (name === 'HTTP') return new StreamableHTTPClientTransport(new URL(http.url));
  const env = environmentOf({ logLevel: 'silent', ...settings });
  return new StdioClientTransport({ command: process.execPath, args: [cli], cwd: root, env });
}

interface Way {
  readonly transport: 'stdio' | 'HTTP';
  readonly era: Era;
}

/** Each transport and each era, or each with each. */
const ways: readonly Way[] = repetitions<Way[]>(
  [
    { transport: 'stdio', era: '2025-11-25' },
    { transport: 'HTTP', era: '2026-07-28' },
  ],
  eras.flatMap((era) => [
    { transport: 'stdio', era },
    { transport: 'HTTP', era },
  ]),
);

describe.each(ways)('over $transport in $era', ({ transport, era }) => {
  let client: Client;

  beforeAll(async () => {
    client = newClient(era);
    await client.connect(transportOf(transport));
  });
  afterAll(() => client?.close());

  async function complete(
    ref: { type: 'ref/resource'; uri: string } | { type: 'ref/prompt'; name: string },
    name: string,
    chosen: Record<string, string> = {},
  ): Promise<readonly string[]> {
    const argument = { name, value: '' };
    return (await client.complete({ ref, argument, context: { arguments: chosen } })).completion.values;
  }

  async function textOf(uri: string): Promise<string> {
    const { contents } = await client.readResource({ uri });
    return contents.map((part) => ('text' in part ? part.text : '')).join('');
  }

  test('this protocol version is spoken', () => {
    expect(client.getNegotiatedProtocolVersion()).toBe(era);
  });

  test('every tool is offered and answers', async () => {
    const offered = (await client.listTools()).tools.map(({ name }) => name);
    expect(offered).toEqual(everyTool.map(({ name }) => name));
    let runId = '';
    for (const { tool, args } of sampleCallsOf(offered)) {
      const answer = await call(client, tool, args(runId));
      runId = runIdOf(answer) ?? runId;
      for (const block of answer.content) {
        if (block.type === 'resource_link') expect(await textOf(block.uri), block.uri).not.toBe('');
      }
    }
  });

  test('every resource is listed and read', async () => {
    const uris = (await client.listResources()).resources.map(({ uri }) => uri);
    expect(uris).toEqual(
      expect.arrayContaining([
        'health://live',
        'health://ready',
        'health://detail',
        'hydrogen://collections/main/technologies',
        'hydrogen://documents/documents/salt-caverns.md',
        expect.stringMatching(/^hydrogen:\/\/runs\/./),
      ]),
    );
    for (const uri of uris) expect(await textOf(uri), uri).not.toBe('');
  });

  test('every resource template is completed, and what it is completed to is read', async () => {
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates).toHaveLength(4);
    // Exports are only for who was given the link.
    const told = resourceTemplates.filter(({ name }) => name !== 'export');
    for (const { uriTemplate: template } of told) {
      const chosen: Record<string, string> = {};
      for (const [, variable = ''] of template.matchAll(/\{\+?(\w+)\}/g)) {
        const [first] = await complete({ type: 'ref/resource', uri: template }, variable, chosen);
        expect(first, `${template}: ${variable}`).toBeTypeOf('string');
        chosen[variable] = first ?? '';
      }
      const uri = template.replace(/\{\+?(\w+)\}/g, (_, variable: string) => chosen[variable] ?? '');
      expect(await textOf(uri), uri).not.toBe('');
    }
  });

  test('every prompt is listed, completed and filled in', async () => {
    const { prompts } = await client.listPrompts();
    expect(prompts).toHaveLength(3);
    let completed = 0;
    for (const { name, arguments: args = [] } of prompts) {
      const values: Record<string, string> = {};
      for (const argument of args) {
        const [first] = await complete({ type: 'ref/prompt', name }, argument.name);
        if (first !== undefined) completed++;
        values[argument.name] = first ?? 'where is hydrogen stored?';
      }
      const { messages } = await client.getPrompt({ name, arguments: values });
      for (const value of Object.values(values)) expect(JSON.stringify(messages), name).toContain(value);
    }
    expect(completed).toBe(2);
  });
});
