import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type CallToolResult, Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio';

interface Notice {
  readonly progress: number;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}

export interface Session {
  readonly server: string;
  readonly protocol: string;
  readonly tools: number;
  /** @throws when the tool reports an error. */
  call(
    name: string,
    args: Record<string, unknown>,
    onprogress?: (notice: Notice) => void,
  ): Promise<CallToolResult>;
  close(): Promise<void>;
}

interface Options {
  readonly cli: string;
  readonly dataDir: string;
  readonly http: boolean;
  readonly root: string;
  /** Settings beside those of this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the HTTP server, on a free port unless one is given, and reads its address from its log. */
export async function startHttp({
  cli,
  dataDir,
  root,
  env = {},
  port = 0,
}: Omit<Options, 'http'> & { readonly port?: number }): Promise<{ url: string; child: ChildProcess }> {
  const args = [cli, '--data-dir', dataDir, '--set', `httpPort=${port}`, 'serve', '--http'];
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (!child.stderr) throw new Error('no stderr');
  for await (const line of createInterface({ input: child.stderr })) {
    // Node's own warnings are there, too.
    const entry = line.startsWith('{') ? (JSON.parse(line) as { url?: string }) : undefined;
    if (entry?.url) {
      child.stderr.resume();
      return { url: entry.url, child };
    }
  }
  throw new Error('the HTTP server did not start');
}

/** Our settings in the environment, which the SDK's client does not pass on by itself. */
const ownSettings = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      /^HYDROGEN_/i.test(name) && value !== undefined ? [[name, value]] : [],
    ),
  );

async function transportOf(options: Options) {
  if (options.http) {
    const { url, child } = await startHttp(options);
    const stop = async (): Promise<void> => {
      child.kill('SIGTERM');
      await once(child, 'exit');
    };
    return { transport: new StreamableHTTPClientTransport(new URL(url)), stop };
  }
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [options.cli],
    cwd: options.root,
    env: {
      ...getDefaultEnvironment(),
      ...ownSettings(),
      HYDROGEN_DATA_DIR: options.dataDir,
      HYDROGEN_LOG_LEVEL: 'warn',
    },
  });
  return { transport, stop: async () => {} };
}

/** Connects the SDK's client to the built server. */
export async function connect(options: Options): Promise<Session> {
  const { transport, stop } = await transportOf(options);
  const client = new Client(
    { name: 'hydrogen-demo', version: '1.0.0' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  await client.connect(transport);
  const { tools } = await client.listTools();
  const { name = '?', version = '?' } = client.getServerVersion() ?? {};
  return {
    server: `${name} ${version}`,
    protocol: '2026-07-28',
    tools: tools.length,
    async call(tool, args, onprogress) {
      const result = await client.callTool(
        { name: tool, arguments: args },
        { timeout: 120_000, ...(onprogress && { onprogress }) },
      );
      if (result.isError) throw new Error(`${tool}: ${JSON.stringify(result.content)}`);
      return result;
    },
    async close() {
      await client.close();
      await stop();
    },
  };
}
