import { Console } from 'node:console';
import type { Command } from 'commander';
import { openApp } from '../app.ts';
import { createLog } from '../observability/log.ts';
import { configOf } from './context.ts';
import { note } from './output.ts';

/** MCP on stdin and stdout. stdout belongs to the protocol: what any package prints goes to stderr. */
export async function serveStdio(command: Command): Promise<void> {
  globalThis.console = new Console(process.stderr);
  const config = configOf(command);
  const { serveOnStdio } = await import('../transports/stdio.ts');
  await serveOnStdio(openApp(config, createLog(config.logLevel)));
}

async function serveHttp(command: Command): Promise<void> {
  const config = configOf(command);
  const log = createLog(config.logLevel);
  const { serveOnHttp } = await import('../transports/http.ts');
  const app = openApp(config, log);
  try {
    const server = await serveOnHttp(app);
    log.info({ url: server.url }, 'serving');
    if (process.stderr.isTTY) note(`Serving MCP on ${server.url} until Ctrl-C.`);
    const reason = await new Promise<string>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
    });
    log.info({ reason }, 'stopping');
    await server.close();
  } finally {
    await app.close();
  }
}

export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('serve MCP: on stdin and stdout, or with --http on a local port')
    .option('--http', 'over Streamable HTTP, with /health/ beside it')
    .action((options: { http?: boolean }, command: Command) =>
      options.http ? serveHttp(command) : serveStdio(command),
    );
}
