import type { Command } from 'commander';
import { type App, openApp } from '../app.ts';
import { type Call, type Operation, systemCall } from '../call.ts';
import { type ConfigSources, type LoadedConfig, loadConfig } from '../config/load.ts';
import type { Config } from '../config.ts';
import { type DispatchRequest, dispatch } from '../dispatch.ts';
import { endAfter, onEndingSignal, signalExitCode, untilIdle } from '../ending.ts';
import { badInput } from '../errors.ts';
import { createLog } from '../observability/log.ts';
import { progressBar } from './output.ts';

/** Options common to all commands. */
interface GlobalOptions {
  readonly config?: string;
  readonly dataDir?: string;
  readonly logLevel?: string;
  readonly set: readonly string[];
  readonly json?: boolean;
}

/** Settings from all sources. `defaults` apply where none of them sets a value. */
export function configOf(
  command: Command,
  defaults: ConfigSources['defaults'] = {},
  reading?: ConfigSources['reading'],
): LoadedConfig {
  const { config, dataDir, logLevel, set } = command.optsWithGlobals<GlobalOptions>();
  const pairs = set.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw badInput('--set takes NAME=VALUE, such as `--set logLevel=debug`.');
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
    ...(reading && { reading }),
  });
}

/** How long a command may take to stop after a signal, ms. Files are written whole or not at all. */
const exitTimeoutMs = 3_000;
const closeTimeoutMs = 2_000;

let stoppedBy: NodeJS.Signals | undefined;

/** The signal that ended the command before it was done. */
export const stopSignal = (): NodeJS.Signals | undefined => stoppedBy;

/**
 * Opens the app for one command, with a call that Ctrl-C cancels and a progress bar.
 * @param label of the progress bar
 * @param logLevel used unless a setting overrides it
 */
export async function withApp<T>(
  command: Command,
  label: string,
  work: (app: App, call: Call) => Promise<T>,
  logLevel: Config['logLevel'] = 'warn',
): Promise<T> {
  const { config, files, settingsFiles, origins } = configOf(command, { logLevel });
  // Who sets a level wants the log; without it, what is wrong is told to a person.
  const isForPeople = !origins.has('logLevel');
  const log = createLog(config.logLevel, isForPeople ? 'text' : 'json');
  const app = await openApp(config, log, files, settingsFiles);
  const controller = new AbortController();
  let stop: { readonly at: number; readonly code: number } | undefined;
  const removeListeners = onEndingSignal((signal) => {
    stop = { at: Date.now(), code: signalExitCode(signal) };
    stoppedBy = signal;
    endAfter(exitTimeoutMs, stop.code, log);
    controller.abort();
  });
  const bar = await progressBar(label, isForPeople);
  const origin = { transport: 'command' } as const;
  const call = systemCall(log, { signal: controller.signal, progress: bar.show, origin });
  try {
    const result = await work(app, call);
    stoppedBy = undefined;
    return result;
  } finally {
    bar.stop();
    if (stop === undefined) await app.close();
    else {
      await app.close(stop.at + closeTimeoutMs - Date.now());
      await untilIdle(stop.at + exitTimeoutMs, stop.code, log);
    }
    removeListeners();
  }
}

/** With the command that it is part of: `audit rotate`. */
function nameOf(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${parent.name()} ${command.name()}` : command.name();
}

/** A command as it is dispatched. */
function requestOf(command: Command, operation: Operation): DispatchRequest {
  return {
    kind: 'command',
    action: 'run',
    name: nameOf(command),
    operation,
    needs: [],
    limitMs: Number.POSITIVE_INFINITY,
    arguments: { given: command.args, options: command.opts() },
  };
}

/**
 * Runs one command that is not a tool. The settings restrict clients, not the owner, so they are not consulted, and
 * there is no time limit.
 * @param operation the most powerful operation it performs
 */
export function runCommand<T>(
  command: Command,
  label: string,
  operation: Operation,
  work: (app: App, call: Call) => Promise<T>,
  logLevel?: Config['logLevel'],
): Promise<T> {
  const request = requestOf(command, operation);
  return withApp(
    command,
    label,
    (app, call) => dispatch(app, request, call, (limited) => work(app, limited)),
    logLevel,
  );
}

/**
 * The same for a command that is done first and recorded then: it brings the store in which it is recorded, and a record
 * before it would make another one; or it looks whether records can be trusted. Where it cannot be recorded then, it is done
 * all the same, and the log says so.
 */
export function runCommandFirst<T>(
  command: Command,
  label: string,
  operation: Operation,
  work: (app: App, call: Call) => Promise<T>,
): Promise<T> {
  return withApp(command, label, async (app, call) => {
    const done = await work(app, call);
    await dispatch(app, requestOf(command, operation), call, async () => done).catch((err: unknown) =>
      app.log.error({ err }, 'the command is done, but could not be recorded'),
    );
    return done;
  });
}

export function wantsJson(command: Command): boolean {
  return command.optsWithGlobals<GlobalOptions>().json === true;
}
