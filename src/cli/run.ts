import type { Command } from 'commander';
import { HydrogenError, reworded } from '../errors.ts';
import { stepNotes } from '../tools/common/runs.ts';
import { errorLine } from '../workflows/faults.ts';
import type { Run } from '../workflows/types.ts';
import { runCommand, wantsJson } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { jsonArgument, jsonHelp } from './json-argument.ts';
import { note, write } from './output.ts';
import { wholeNumber } from './values.ts';
import { inCommands } from './words.ts';
import { whereFrom } from './workflows.ts';

/** The command waits for the run to finish, up to a day, ms. */
const maxWaitMs = 86_400_000;

async function runWorkflow(
  workflow: string,
  options: { input: string; key?: string },
  command: Command,
): Promise<void> {
  const input = await jsonArgument('--input', options.input);
  const request = { workflow, input, ...(options.key !== undefined && { idempotencyKey: options.key }) };
  const run = await runCommand(command, 'Running', 'run', async ({ workflows }, call) => {
    try {
      return await workflows.startAndWait(request, maxWaitMs, call, (id) =>
        note(`Run ${id} started. Ctrl-C cancels it; \`hydrogen runs ${id}\` shows it later.`),
      );
    } catch (error) {
      if (!(error instanceof HydrogenError) || error.code !== 'not_found') throw error;
      if ((await workflows.list(call)).length > 0) throw error;
      throw reworded(error, `${error.message} ${whereFrom}`);
    }
  });
  if (run.state !== 'completed') process.exitCode = exitCodes.runNotCompleted;
  if (wantsJson(command)) {
    write(JSON.stringify(run));
    return;
  }
  showRun(run);
}

/** Runs listed without a number given. */
const usualRuns = 20;

async function listRuns(
  id: string | undefined,
  options: { limit?: string },
  command: Command,
): Promise<void> {
  const limit = options.limit === undefined ? usualRuns : wholeNumber('--limit', options.limit);
  const runs = await runCommand(command, 'Listing', 'read', async ({ workflows }, call) =>
    id === undefined ? workflows.recent(limit, call) : [await workflows.get(id, call)],
  );
  if (wantsJson(command)) {
    write(JSON.stringify(id === undefined ? runs : runs[0]));
    return;
  }
  if (id !== undefined) for (const run of runs) showRun(run);
  else if (runs.length === 0) note('There are none. `hydrogen run WORKFLOW` starts one.');
  else
    write(
      (await import('./layout.ts')).table(
        runs.map((run) => [run.id, run.state, run.createdAt, run.workflow]),
      ),
    );
}

function showRun(run: Run): void {
  for (const step of run.steps) note(`${step.state.padEnd(10)} ${step.kind.padEnd(7)} ${step.name}`);
  for (const line of stepNotes(run)) note(inCommands(line));
  const waits = run.suspendedUntil === undefined ? '' : `; it waits until ${run.suspendedUntil}`;
  note(`Run ${run.id} of ${run.workflow}: ${run.state}${waits}.`);
  if (run.error) note(errorLine(run.error));
  if (run.output !== undefined) write(JSON.stringify(run.output, null, 2));
}

export function registerRun(program: Command): void {
  program
    .command('run')
    .description('run a workflow and print its output')
    .argument('<workflow>')
    .option('--input <json>', 'input of the run', '{}')
    .option('--key <key>', 'idempotency key: the same key is the same run')
    .addHelpText('after', jsonHelp)
    .action(runWorkflow);
  program
    .command('runs')
    .description('the latest runs, or the steps and the output of one')
    .argument('[id]')
    .option('--limit <n>', `most runs (${usualRuns})`)
    .action(listRuns);
}
