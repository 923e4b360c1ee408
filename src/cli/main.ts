import { Command, CommanderError } from 'commander';
import { signalExitCode } from '../ending.ts';
import { badInput, HydrogenError } from '../errors.ts';
import { inWords, isOfFile } from '../file-errors.ts';
import { withoutCredentials } from '../observability/redact.ts';
import { similarNames } from '../similar-names.ts';
import { packageName, version } from '../version.ts';
import { registerAudit } from './audit.ts';
import { registerBackup } from './backup.ts';
import { asksForCompletion, registerCompletion, registerCompletionHelp } from './completion.ts';
import { registerConfig, settingsHelp } from './config.ts';
import { stopSignal } from './context.ts';
import { registerData } from './data.ts';
import { registerDoctor } from './doctor.ts';
import { registerErase } from './erase.ts';
import { registerEval } from './eval.ts';
import { exitCodeOf, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { registerIndexes } from './indexes.ts';
import { registerKeys } from './keys.ts';
import { registerLibrary } from './library.ts';
import { registerMove } from './move.ts';
import { note, writeHelp } from './output.ts';
import { registerQueries } from './queries.ts';
import { registerReindex } from './reindex.ts';
import { registerRun } from './run.ts';
import { registerSamples } from './samples.ts';
import { registerServe, serveStdio } from './serve.ts';
import { registerSources } from './sources.ts';
import { styled } from './style.ts';
import { registerUpgrade } from './upgrade.ts';
import { inCommands } from './words.ts';
import { registerWorkflows } from './workflows.ts';

function createProgram(): Command {
  const program = new Command('hydrogen')
    .description(
      'Search documents, query data and run workflows for an AI assistant, over MCP.\nWithout a command it serves MCP on stdin and stdout, as an MCP client starts it.',
    )
    .version(version)
    .option(
      '--config <file>',
      'settings file, over hydrogen.json of the data directory (default: hydrogen.json of the working directory)',
    )
    .option('--data-dir <folder>', 'where everything is kept')
    .option('--log-level <level>', 'fatal, error, warn, info, debug, trace or silent; logs go to stderr')
    .option(
      '--set <name=value>',
      'any setting; see `hydrogen config`',
      (pair, all: string[]) => [...all, pair],
      [],
    )
    .option('--json', 'results as JSON')
    .addHelpText('after', settingsHelp)
    .addHelpText('after', exitCodesHelp)
    .showSuggestionAfterError()
    .allowExcessArguments()
    .configureOutput({
      writeOut: writeHelp,
      writeErr: (text) => process.stderr.write(withoutCredentials(text)),
      outputError: (text, writeErr) =>
        writeErr(text.replace(/^error: (.)/, (_, first) => `${prefix()} ${first.toUpperCase()}`)),
    })
    .exitOverride();
  program.action(async (_options, command: Command) => {
    const [unknown] = command.args;
    if (unknown !== undefined) throw unknownCommand(unknown, program);
    if (process.stdin.isTTY) command.outputHelp();
    else await serveStdio(command);
  });
  for (const register of [
    registerServe,
    registerSamples,
    registerLibrary,
    registerSources,
    registerReindex,
    registerEval,
    registerData,
    registerQueries,
    registerIndexes,
    registerWorkflows,
    registerRun,
    registerMove,
    registerBackup,
    registerUpgrade,
    registerAudit,
    registerErase,
    registerKeys,
    registerDoctor,
    registerConfig,
  ]) {
    register(program);
  }
  program
    .command('help')
    .description('what a command does, and its options; as COMMAND --help')
    .argument('[command]')
    .action((name: string | undefined) => {
      const found = program.commands.find((one) => one.name() === name || one.aliases().includes(name ?? ''));
      if (name !== undefined && found === undefined) throw unknownCommand(name, program);
      (found ?? program).outputHelp();
    });
  return program;
}

function unknownCommand(name: string, program: Command): Error {
  const suggestions = similarNames(
    name,
    program.commands.map((command) => command.name()),
  );
  const hint =
    suggestions.length > 0
      ? `Did you mean ${suggestions.map((suggestion) => `"${suggestion}"`).join(' or ')}?`
      : 'See --help.';
  return badInput(`There is no command "${name}". ${hint}`, { suggestions });
}

/** What every error begins with. */
const prefix = (): string => styled(['bold', 'red'], 'hydrogen:', process.stderr);

/** File errors may name paths here: they are the user's own. */
function shownOf(error: unknown): unknown {
  if (!isOfFile(error)) return error;
  const { path } = error as NodeJS.ErrnoException;
  return inWords(
    error,
    `${path === undefined ? 'A file' : `"${path}"`} cannot be used`,
    'Choose another place.',
  );
}

function report(error: unknown): void {
  // Commander has printed its own message.
  if (error instanceof CommanderError) return;
  if (error instanceof HydrogenError) {
    note(`${prefix()} ${inCommands(error.message)}`);
    return;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  note(withoutCredentials(`${prefix()} It failed unexpectedly: ${text}`));
}

/**
 * Paths are relative to where the person is, also through `npm run start` and `npm --prefix`, which change to the
 * folder of the package.
 */
function returnToCaller({ INIT_CWD, npm_lifecycle_event, npm_package_name }: NodeJS.ProcessEnv): void {
  if (INIT_CWD && npm_lifecycle_event === 'start' && npm_package_name === packageName)
    process.chdir(INIT_CWD);
}

/** What nothing expected is shown as any other error of the program: by itself Node would print it whole. */
export function reportCrashes(): void {
  process.on('uncaughtException', (error) => {
    report(error);
    process.exit(exitCodes.failed);
  });
}

/** Runs one command line and sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  process.exitCode = exitCodes.ok;
  try {
    returnToCaller(process.env);
    const program = createProgram();
    if (asksForCompletion(argv)) await registerCompletion(program);
    else registerCompletionHelp(program);
    await program.parseAsync([...argv]);
  } catch (error) {
    const shown = shownOf(error);
    report(shown);
    const signal = stopSignal();
    process.exitCode = signal === undefined ? exitCodeOf(shown) : signalExitCode(signal);
  }
}
