import type { Command } from 'commander';
import { fromHome } from '../config/home-folder.ts';
import { badInput } from '../errors.ts';
import { fileTrouble } from '../file-errors.ts';
import { readDefinition } from '../workflows/definitions/folder.ts';
import { runCommand, wantsJson } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { note, write } from './output.ts';
import { styled } from './style.ts';

/** What to do where there are no workflows. */
export const whereFrom =
  'Put definitions into a folder of the setting "workflowFolders"; `hydrogen samples` brings three examples.';

async function listWorkflows(command: Command): Promise<void> {
  const entries = await runCommand(command, 'Checking', 'read', ({ workflows }, call) =>
    workflows.list(call),
  );
  if (wantsJson(command)) {
    write(JSON.stringify(entries));
    return;
  }
  const { paragraph } = await import('./layout.ts');
  for (const { name, title, description, problem, file = name } of entries) {
    const where = file === name ? '' : ` (${file})`;
    write(`${styled('bold', name)}${where}  ${problem === undefined ? title : `cannot be run: ${problem}`}`);
    if (problem === undefined && description !== '') write(paragraph(description, 4));
  }
  if (entries.length > 0) return;
  note(`There are none. ${whereFrom}`);
}

/** Says what is wrong with files, each with its place as compilers write it, so that editors find it. */
async function checkFiles(files: readonly string[], command: Command): Promise<void> {
  const texts = await Promise.all(
    files.map(async (file) => {
      const { text, problem } = await readDefinition(fromHome(file)).catch((cause: unknown) => {
        const { reason } = fileTrouble(cause) ?? { reason: 'it cannot be read' };
        throw badInput(`The file "${file}" cannot be read: ${reason}.`, { cause });
      });
      if (text === undefined) throw badInput(`The file "${file}" cannot be checked: ${problem}.`);
      return { file, text };
    }),
  );
  const checked = await runCommand(command, 'Checking', 'read', ({ workflows }, call) =>
    Promise.all(texts.map(async ({ file, text }) => ({ file, problems: await workflows.check(text, call) }))),
  );
  const isGood = checked.every(({ problems }) => problems.length === 0);
  if (!isGood) process.exitCode = exitCodes.badInput;
  if (wantsJson(command)) {
    write(JSON.stringify(checked));
    return;
  }
  for (const { file, problems } of checked) {
    for (const { line, column, problem } of problems) write(`${file}:${line}:${column}: ${problem}`);
    if (problems.length === 0) note(`${file} can be run.`);
  }
}

export function registerWorkflows(program: Command): void {
  const workflows = program
    .command('workflows')
    .description('the workflows that can be run, and what is wrong with those that cannot')
    .action((_options, command: Command) => listWorkflows(command));
  workflows
    .command('check')
    .description('what keeps a definition from being run, with line and column')
    .argument('<file...>')
    .action((files: string[], _options, command: Command) => checkFiles(files, command));
}
