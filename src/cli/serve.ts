import { Console } from 'node:console';
import type { Command } from 'commander';
import { type App, openApp } from '../app.ts';
import { endAfter, endingSignals, exitWhenIdle, onEndingSignal } from '../ending.ts';
import { createLog } from '../observability/log.ts';
import { configOf } from './context.ts';
import { note } from './output.ts';
import { rereadSettings, settingsInFiles } from './reread.ts';

/** Time limit for closing once no call is in progress, ms. */
const closeMs = 4_000;
/** The part of it for the app: the store and its like. */
const appMs = 1_500;

/** Without a terminal nobody hangs up: by custom, a supervisor then asks a daemon to read its files again. */
const hangUpMeansReread = process.platform !== 'win32' && !process.stderr.isTTY;

/** Serves metrics on their own port until the process ends, where the settings name one. */
async function measure(app: App): Promise<void> {
  const { serveMetrics } = await import('../transports/metrics-endpoint.ts');
  const server = await serveMetrics(app);
  if (server) app.log.info({ url: server.url }, 'serving metrics');
}

/** MCP on stdin and stdout. stdout belongs to the protocol, so anything a package prints goes to stderr. */
export async function serveStdio(command: Command): Promise<void> {
  globalThis.console = new Console(process.stderr);
  const inFiles = settingsInFiles((reading) => configOf(command, {}, reading));
  const loaded = inFiles.read();
  const { config, files, settingsFiles } = loaded;
  const { serveOnStdio } = await import('../transports/stdio.ts');
  const app = await openApp(config, createLog(config.logLevel), files, settingsFiles);
  // Another server of the same user may have the port: metrics are no reason not to serve.
  if (config.metrics) measure(app).catch((err: unknown) => app.log.warn({ err }, 'no metrics'));
  rereadSettings(app, loaded, inFiles);
  await serveOnStdio(app);
}

async function serveHttp(command: Command): Promise<void> {
  const inFiles = settingsInFiles((reading) => configOf(command, {}, reading));
  const loaded = inFiles.read();
  const { config, files, settingsFiles } = loaded;
  const log = createLog(config.logLevel);
  const { serveOnHttp } = await import('../transports/http.ts');
  const app = await openApp(config, log, files, settingsFiles);
  const server = await serveOnHttp(app).catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
  const rereading = rereadSettings(app, loaded, inFiles);
  // A supervisor may stop the server as soon as it reads that it serves.
  const signals = hangUpMeansReread ? endingSignals.filter((signal) => signal !== 'SIGHUP') : endingSignals;
  const signalled = new Promise<string>((resolve) => void onEndingSignal(resolve, signals));
  if (hangUpMeansReread) {
    process.on('SIGHUP', () => void Promise.all([server.reload(), rereading.again()]));
  }
  log.info({ url: server.url }, 'serving');
  if (server.metricsUrl !== undefined) log.info({ url: server.metricsUrl }, 'serving metrics');
  if (process.stderr.isTTY) note(`Serving MCP on ${server.url} until Ctrl-C.`);
  const reason = await signalled;
  const { drainDelayMs, drainMs } = config;
  const until = Date.now() + drainDelayMs + drainMs + closeMs;
  log.info({ reason, drainDelayMs, drainMs }, 'stopping');
  endAfter(until - Date.now(), 0, log);
  try {
    await server.close();
  } catch (err) {
    log.warn({ err }, 'the server did not close');
  }
  await app.close(Math.min(appMs, until - Date.now()));
  await exitWhenIdle(0, until, log);
}

export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('serve MCP: on stdin and stdout, or with --http on a port')
    .option('--http', 'over Streamable HTTP, with /health/ beside it')
    .action((options: { http?: boolean }, command: Command) =>
      options.http ? serveHttp(command) : serveStdio(command),
    );
}
