import type { Command } from 'commander';
import { plural } from '../tools/common/queries.ts';
import { runCommand, wantsJson } from './context.ts';
import { note, write } from './output.ts';

async function run(command: Command): Promise<void> {
  const report = await runCommand(command, 'Reindexing', 'ingest', (app, call) => app.library.reindex(call));
  if (wantsJson(command)) {
    write(JSON.stringify(report));
    return;
  }
  const { changed, rebuilt, embedded, pending, skipped, notes } = report;
  const left = pending > 0 ? `, ${pending} still to embed` : '';
  write(
    `${plural(changed, 'document')} read again; ${plural(rebuilt, 'vector')} of the new model took over, ${embedded - rebuilt} more embedded${left}.`,
  );
  for (const { path, reason } of skipped) note(`skipped ${path}: ${reason}`);
  for (const line of notes) note(line);
}

export function registerReindex(program: Command): void {
  program
    .command('reindex')
    .description(
      'after a change of embedding model or program: build a new index beside the old and switch at the end',
    )
    .action((_options, command: Command) => run(command));
}
