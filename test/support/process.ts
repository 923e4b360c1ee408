import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Client,
  StreamableHTTPClientTransport,
  type StreamableHTTPClientTransportOptions,
} from '@modelcontextprotocol/client';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { onTestFinished } from 'vitest';
import { environmentName } from '../../src/config.ts';
import { type Era, newClient } from './connected.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const bundle = process.env['TEST_BUNDLE'];
/** The command that is tested: that of the bundle `npm test` has just made, else the sources themselves. */
export const cli = bundle === undefined ? join(root, 'src/cli.ts') : join(bundle, 'cli.js');

export type Settings = Readonly<Record<string, string>>;

/** Of a server without what takes it most of a second to load: a model, and workflows to check. */
export const bare = { embeddingModel: 'none', sampleWorkflows: 'false' } as const satisfies Settings;

/** The environment of a command: settings by their names, and where compiled sources are. */
export function environmentOf(settings: Settings): Record<string, string> {
  const cache = process.env['NODE_COMPILE_CACHE'] ?? process.env['TEST_COMPILE_CACHE'];
  return {
    ...getDefaultEnvironment(),
    ...(cache !== undefined && { NODE_COMPILE_CACHE: cache }),
    ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [environmentName(name), value])),
  };
}

export interface CommandResult {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/**
 * Runs one command line to its end.
 * @param environment variables that are no settings
 */
export function hydrogen(
  args: readonly string[],
  settings: Settings = {},
  input = '',
  environment: Readonly<Record<string, string>> = {},
): CommandResult {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    cwd: root,
    env: { ...environmentOf(settings), ...environment },
    encoding: 'utf8',
    input,
  });
  return { code: status, out: stdout, err: stderr };
}

/**
 * A server in a process of its own, on stdio, with a client connected to it.
 * @param nodeOptions of Node itself, such as a module to load first
 * @param environment variables that are no settings
 */
export async function stdioClient(
  settings: Settings,
  era: Era = '2025-11-25',
  nodeOptions: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ client: Client; pid: number; close(): Promise<void> }> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [...nodeOptions, cli],
    cwd: root,
    env: { ...environmentOf({ logLevel: 'silent', ...settings }), ...environment },
  });
  const client = newClient(era);
  await client.connect(transport);
  onTestFinished(() => client.close());
  return { client, pid: transport.pid ?? 0, close: () => client.close() };
}

export async function httpClient(
  url: string,
  era: Era,
  options?: StreamableHTTPClientTransportOptions,
): Promise<Client> {
  const client = newClient(era);
  await client.connect(new StreamableHTTPClientTransport(new URL(url), options));
  onTestFinished(() => client.close());
  return client;
}
