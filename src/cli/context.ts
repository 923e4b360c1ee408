import type { Command } from 'commander';
import { type App, openApp } from '../app.ts';
import { type Call, owner } from '../call.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import type { Config } from '../config.ts';
import { badInput } from '../errors.ts';
import { createLog } from '../observability/log.ts';
import { progressBar } from './output.ts';

/** Options of every command. */
export interface GlobalOptions {
  readonly config?: string;
  readonly dataDir?: string;
  readonly logLevel?: string;
  readonly set: readonly string[];
  readonly json?: boolean;
}

/** Settings from all sources. `defaults` apply where none of them says otherwise. */
export function configOf(command: Command, defaults: ConfigSources['defaults'] = {}): Config {
  const { config, dataDir, logLevel, set } = command.optsWithGlobals<GlobalOptions>();
  const pairs = set.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw badInput(`--set takes NAME=VALUE, not "${pair}".`);
    return [pair.slice(0, at), pair.slice(at + 1)] as const;
  });
  return loadConfig({
    ...(config !== undefined && { file: config }),
    defaults,
    environment: process.env,
    overrides: {
      ...(dataDir !== undefined && { dataDir }),
      ...(logLevel !== undefined && { logLevel }),
      ...Object.fromEntries(pairs),
    },
    workingDirectory: process.cwd(),
  });
}

/**
 * Runs one command on an open app, with a call that Ctrl-C cancels and whose progress is a bar.
 * @param label of the progress bar
 * @param logLevel where no setting says otherwise
 */
export async function withApp<T>(
  command: Command,
  label: string,
  work: (app: App, call: Call) => Promise<T>,
  logLevel: Config['logLevel'] = 'warn',
): Promise<T> {
  const config = configOf(command, { logLevel });
  const log = createLog(config.logLevel);
  const app = openApp(config, log);
  const controller = new AbortController();
  const interrupt = (): void => controller.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  const bar = await progressBar(label);
  const call: Call = {
    caller: owner,
    signal: controller.signal,
    deadline: Number.POSITIVE_INFINITY,
    progress: bar.show,
    log,
  };
  try {
    return await work(app, call);
  } finally {
    bar.stop();
    await app.close();
    process.removeListener('SIGINT', interrupt);
    process.removeListener('SIGTERM', interrupt);
  }
}

export function wantsJson(command: Command): boolean {
  return command.optsWithGlobals<GlobalOptions>().json === true;
}
