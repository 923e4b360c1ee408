// Reaches every tool, resource and prompt with the MCP Inspector's command line, over stdio and HTTP, in a
// 2025 protocol version and in 2026-07-28. The Inspector is installed into a temporary folder first.
//   npm run inspect
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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
const settings = {
  HYDROGEN_DATA_DIR: join(base, 'data'),
  HYDROGEN_ENABLE_INGEST: 'true',
  HYDROGEN_ENABLE_WRITES: 'true',
  HYDROGEN_CONFIRM_WRITES: 'never',
  HYDROGEN_FOLDERS: join(root, 'samples/documents'),
};
const env = { ...process.env, ...settings, MCP_INSPECTOR_SECRET_STORE: 'memory' };

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
  return (method: string, ...args: string[]): Listed => {
    const main = join(base, 'node_modules/.bin/mcp-inspector');
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        main,
        '--cli',
        '--config',
        config,
        '--server',
        server,
        '--method',
        method,
        '--format',
        'json',
        ...args,
      ],
      { env, encoding: 'utf8' },
    );
    if (status !== 0)
      throw new Error(`${server} ${method} ${args.join(' ')}: exit ${status}\n${stdout}\n${stderr}`);
    return (JSON.parse(stdout) as { result: Listed }).result;
  };
}

function visit({ name }: Target, config: string): void {
  const ask = inspector(config, name);
  const tools = (ask('tools/list', '--strict').tools ?? []).map((tool) => tool.name);
  let runId = '';
  for (const { tool, args } of sampleCallsOf(tools)) {
    const json = JSON.stringify(args(runId));
    const answer = ask('tools/call', '--tool-name', tool, '--tool-args-json', json);
    if (answer.isError) throw new Error(`${name}: ${tool} ${json}: ${JSON.stringify(answer.content)}`);
    runId = runIdOf(answer) ?? runId;
  }
  const resources = ask('resources/list').resources ?? [];
  const kinds = new Map(resources.map(({ uri }) => [uri.split('/').slice(0, 3).join('/'), uri]));
  for (const uri of kinds.values()) ask('resources/read', '--uri', uri);
  const templates = ask('resources/templates/list').resourceTemplates ?? [];
  const prompts = ask('prompts/list').prompts ?? [];
  for (const prompt of prompts) {
    const args = (prompt.arguments ?? []).map((argument) => `${argument.name}=storage`);
    ask('prompts/get', '--prompt-name', prompt.name, '--prompt-args', ...args);
  }
  process.stdout.write(
    `${name}: ${tools.length} tools, ${kinds.size} kinds of ${resources.length} resources, ${templates.length} templates, ${prompts.length} prompts\n`,
  );
}

try {
  installInspector();
  hydrogen(env, 'ingest', 'samples/documents');
  hydrogen(env, 'import', 'technologies', 'samples/collections/technologies.jsonl');
  const { url, child } = await startHttp({ cli, dataDir: settings.HYDROGEN_DATA_DIR, root, env: settings });
  const stdio = { type: 'stdio', command: process.execPath, args: [cli], env: settings };
  const http = { type: 'streamable-http', url };
  const targets: Target[] = [
    { name: 'stdio-2025', server: { ...stdio, protocolEra: 'legacy' } },
    { name: 'stdio-2026', server: { ...stdio, protocolEra: 'modern' } },
    { name: 'http-2025', server: { ...http, protocolEra: 'legacy' } },
    { name: 'http-2026', server: { ...http, protocolEra: 'modern' } },
  ];
  try {
    const config = join(base, 'mcp.json');
    const mcpServers = Object.fromEntries(targets.map(({ name, server }) => [name, server]));
    await writeFile(config, JSON.stringify({ mcpServers }));
    for (const target of targets) visit(target, config);
  } finally {
    child.kill('SIGTERM');
  }
} finally {
  await rm(base, { recursive: true, force: true, maxRetries: 5 });
}
