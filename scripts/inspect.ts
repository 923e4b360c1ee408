// Reaches every tool, resource and prompt with the MCP Inspector's command line, over stdio and HTTP, in a
// 2025 protocol version and in 2026-07-28. The Inspector is installed into a temporary folder first.
//   npm run inspect
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startHttp } from './demo/connect.ts';
import { runIdOf, sampleCallsOf } from './sample-calls.ts';

const inspectorVersion = '2.12.0';
const root = fileURLToPath(new URL('..', import.meta.url));
const cli = join(root, 'dist', 'cli.js');

interface Target {
  readonly name: string;
  /** Entries of the Inspector's configuration file. */
  readonly server: Record<string, unknown>;
}

interface Listed {
  readonly tools?: { name: string }[];
  readonly resources?: { uri: string }[];
  readonly resourceTemplates?: unknown[];
  readonly prompts?: { name: string; arguments?: { name: string }[] }[];
  readonly structuredContent?: unknown;
  readonly content?: unknown;
  readonly isError?: boolean;
}

function hydrogen(env: NodeJS.ProcessEnv, ...args: string[]): void {
  const { status } = spawnSync(process.execPath, [cli, ...args], { cwd: root, env, stdio: 'inherit' });
  if (status !== 0) throw new Error(`hydrogen ${args.join(' ')} ended with ${status}`);
}

const base = await mkdtemp(join(tmpdir(), 'hydrogen-inspect-'));
const inspectorEnv = { ...process.env, MCP_INSPECTOR_SECRET_STORE: 'memory' };

function settingsFor(dataDir: string): Record<string, string> {
  return {
    HYDROGEN_DATA_DIR: dataDir,
    HYDROGEN_ENABLE_INGEST: 'true',
    HYDROGEN_ENABLE_WRITES: 'true',
    HYDROGEN_CONFIRM_WRITES: 'never',
    HYDROGEN_FOLDERS: join(root, 'samples/documents'),
  };
}

/** A data directory with the samples, and the settings of a server on it. */
function prepare(name: string): Record<string, string> {
  const settings = settingsFor(join(base, name));
  const env = { ...process.env, ...settings };
  hydrogen(env, 'ingest', 'samples/documents');
  hydrogen(env, 'import', 'technologies', 'samples/collections/technologies.jsonl');
  return settings;
}

function installInspector(): void {
  const wanted = `@modelcontextprotocol/inspector@${inspectorVersion}`;
  const { status } = spawnSync(
    'npm',
    ['install', '--prefix', base, '--ignore-scripts', '--no-save', wanted],
    {
      stdio: 'inherit',
      shell: process.platform === 'win32',
    },
  );
  if (status !== 0) throw new Error(`npm install ${wanted} ended with ${status}`);
}

function inspector(config: string, server: string) {
  return async (method: string, ...args: string[]): Promise<Listed> => {
    const main = join(base, 'node_modules/.bin/mcp-inspector');
    const options = ['--cli', '--config', config, '--server', server, '--method', method, '--format', 'json'];
    const { stdout } = await promisify(execFile)(process.execPath, [main, ...options, ...args], {
      env: inspectorEnv,
      maxBuffer: 64 * 2 ** 20,
    });
    return (JSON.parse(stdout) as { result: Listed }).result;
  };
}

async function visit({ name }: Target, config: string): Promise<void> {
  const ask = inspector(config, name);
  const tools = ((await ask('tools/list', '--strict')).tools ?? []).map((tool) => tool.name);
  let runId = '';
  for (const { tool, args } of sampleCallsOf(tools)) {
    const json = JSON.stringify(args(runId));
    const answer = await ask('tools/call', '--tool-name', tool, '--tool-args-json', json);
    if (answer.isError) throw new Error(`${name}: ${tool} ${json}: ${JSON.stringify(answer.content)}`);
    runId = runIdOf(answer) ?? runId;
  }
  const { resources = [] } = await ask('resources/list');
  const kinds = new Map(resources.map(({ uri }) => [uri.split('/').slice(0, 3).join('/'), uri]));
  for (const uri of kinds.values()) await ask('resources/read', '--uri', uri);
  const { resourceTemplates: templates = [] } = await ask('resources/templates/list');
  const { prompts = [] } = await ask('prompts/list');
  for (const prompt of prompts) {
    const args = (prompt.arguments ?? []).map((argument) => `${argument.name}=storage`);
    await ask('prompts/get', '--prompt-name', prompt.name, '--prompt-args', ...args);
  }
  process.stdout.write(
    `${name}: ${tools.length} tools, ${kinds.size} kinds of ${resources.length} resources, ${templates.length} templates, ${prompts.length} prompts\n`,
  );
}

/** Visits targets that share a data directory, one after the other. */
async function visitAll(lane: string, targets: readonly Target[]): Promise<void> {
  const config = join(base, `${lane}.json`);
  const mcpServers = Object.fromEntries(targets.map(({ name, server }) => [name, server]));
  await writeFile(config, JSON.stringify({ mcpServers }));
  for (const target of targets) await visit(target, config);
}

async function overStdio(): Promise<void> {
  const stdio = { type: 'stdio', command: process.execPath, args: [cli], env: prepare('stdio') };
  await visitAll('stdio', [
    { name: 'stdio-2025', server: { ...stdio, protocolEra: 'legacy' } },
    { name: 'stdio-2026', server: { ...stdio, protocolEra: 'modern' } },
  ]);
}

async function overHttp(): Promise<void> {
  const settings = prepare('http');
  const dataDir = join(base, 'http');
  const { url, child } = await startHttp({ cli, dataDir, root, env: settings });
  const http = { type: 'streamable-http', url };
  try {
    await visitAll('http', [
      { name: 'http-2025', server: { ...http, protocolEra: 'legacy' } },
      { name: 'http-2026', server: { ...http, protocolEra: 'modern' } },
    ]);
  } finally {
    child.kill('SIGTERM');
  }
}

try {
  installInspector();
  // Beside each other: most of the time is the Inspector's own start.
  const visits = await Promise.allSettled([overStdio(), overHttp()]);
  for (const visited of visits) if (visited.status === 'rejected') throw visited.reason;
} finally {
  await rm(base, { recursive: true, force: true, maxRetries: 5 });
}
