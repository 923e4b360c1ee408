import type { Command } from 'commander';
import { badInput } from '../errors.ts';
import { executeTool } from '../tools/execute.ts';
import { plainAnswer } from '../tools/render.ts';
import { search } from '../tools/search.ts';
import { wantsJson, withApp } from './context.ts';
import { note, write } from './output.ts';

interface Passage {
  readonly document: string;
  readonly lines: string;
  readonly title: string;
  readonly heading?: string;
  readonly text: string;
}

async function ingest(paths: string[], reembed: boolean, command: Command): Promise<void> {
  if (paths.length === 0 && !reembed) throw badInput('Give the files or folders to ingest.');
  const report = await withApp(command, 'Ingesting', (app, call) =>
    app.library.ingest(paths, call, { reembed }),
  );
  if (wantsJson(command)) {
    write(JSON.stringify(report));
    return;
  }
  const { added, changed, unchanged, removed, chunks, embedded, pending, skipped, notes } = report;
  write(
    `${added} documents added, ${changed} changed, ${unchanged} unchanged, ${removed} removed; ${chunks} passages read, ${embedded} embedded${pending > 0 ? `, ${pending} still to embed` : ''}.`,
  );
  for (const { path, reason } of skipped) note(`skipped ${path}: ${reason}`);
  for (const line of notes) note(line);
}

async function searchFor(
  words: string[],
  options: { limit?: string; mode?: string },
  command: Command,
): Promise<void> {
  const answer = await withApp(command, 'Searching', async (app, call) => {
    const args = {
      query: words.join(' '),
      ...(options.limit !== undefined && { limit: Number(options.limit) }),
      ...(options.mode !== undefined && { mode: options.mode }),
    };
    return plainAnswer(await executeTool(search, args, app, call));
  });
  if (wantsJson(command)) {
    write(JSON.stringify(answer));
    return;
  }
  for (const hit of answer['rows'] as Passage[]) {
    write(`${hit.document}:${hit.lines}  ${hit.heading ?? hit.title}\n${hit.text.replace(/^/gm, '    ')}\n`);
  }
  note(String(answer['summary']));
}

export function registerLibrary(program: Command): void {
  program
    .command('ingest')
    .description('read files and folders into the library; files that are gone from a folder disappear')
    .argument('[path...]', 'Markdown, text, HTML, CSV, JSON, JSON lines, or folders of them')
    .option('--reembed', 'make all vectors again, for another embedding model', false)
    .action((paths: string[], { reembed }: { reembed: boolean }, command: Command) =>
      ingest(paths, reembed, command),
    );
  program
    .command('search')
    .description('passages that answer a question')
    .argument('<words...>')
    .option('--limit <n>', 'most passages')
    .option('--mode <mode>', 'hybrid, semantic or keyword')
    .action(searchFor);
  program
    .command('import')
    .description('read a JSON, JSON lines, CSV or TSV file into a collection')
    .argument('<collection>')
    .argument('<file>')
    .option('--database <name>', 'namespace of the collection', 'main')
    .option('--drop', 'empty the collection first', false)
    .action(
      async (
        collection: string,
        file: string,
        { database, drop }: { database: string; drop: boolean },
        command: Command,
      ) => {
        const { importFile } = await import('../stores/documents/import/import.ts');
        const result = await withApp(command, 'Importing', (app, call) =>
          importFile(app.documents, { database, collection }, file, { drop }, call),
        );
        const { inserted, replaced, unchanged } = result;
        write(
          wantsJson(command)
            ? JSON.stringify(result)
            : `${collection}: ${inserted} documents inserted, ${replaced} replaced, ${unchanged} unchanged.`,
        );
      },
    );
}
