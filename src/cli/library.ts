import type { Command } from 'commander';
import type { App } from '../app.ts';
import type { Call } from '../call.ts';
import { badInput, HydrogenError, reworded } from '../errors.ts';
import { absenceDetail } from '../library/absence-text.ts';
import { readable } from '../library/reading/formats.ts';
import { inAnySpelling } from '../library/spellings.ts';
import type {
  Absence,
  DocumentEntry,
  IngestReport,
  RemovedDocument,
  SourceChange,
} from '../library/types.ts';
import { executeTool } from '../tools/common/execute.ts';
import { plural } from '../tools/common/queries.ts';
import { plainAnswer } from '../tools/common/render.ts';
import { type SearchRow, search } from '../tools/search.ts';
import { runCommand, stopSignal, wantsJson, withApp } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { note, write } from './output.ts';
import { styled } from './style.ts';
import { wholeNumber } from './values.ts';

/** A passage's place in its document, in terms that a reader of the file can find. */
function placeOf({ lines, sheet, rows, ...hit }: SearchRow): string {
  if (sheet !== undefined) return ` sheet "${sheet}" rows ${rows}`;
  const numbered = (['page', 'slide', 'chapter'] as const).find((name) => hit[name] !== undefined);
  return numbered ? ` ${numbered} ${hit[numbered]}` : `:${lines}`;
}

/** Collects the values of a repeatable option. */
function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

interface IngestFlags {
  readonly reembed: boolean;
  readonly watch: boolean;
  readonly prune: boolean;
  readonly include?: string[];
  readonly exclude?: string[];
}

/** Without paths, refreshes everything already in the library. */
async function read(
  paths: readonly string[],
  flags: IngestFlags,
  app: App,
  call: Call,
): Promise<IngestReport> {
  if (paths.length > 0 || flags.reembed) return app.library.ingest(paths, call, flags);
  if (flags.prune) throw badInput('--prune is for the folders named with it: give the folder, too.');
  if (flags.include || flags.exclude) {
    throw badInput('Patterns apply to the folders named with them: give the folder, too.');
  }
  const sources = app.config.collectionSources.length + (await app.library.sources(call)).length;
  if (sources === 0) throw badInput('The library is empty: give the files or folders to ingest.');
  return app.library.refresh(call);
}

/** What `--prune` takes as it is: a folder that is missing or cannot be read keeps its documents all the same. */
const prunable: ReadonlySet<Absence['why']> = new Set(['empty', 'replaced', 'unmounted']);

async function ingest(paths: string[], flags: IngestFlags, command: Command): Promise<void> {
  const run = (how: IngestFlags): Promise<{ result: IngestReport; absences: readonly Absence[] }> =>
    runCommand(command, 'Ingesting', 'ingest', async (app, call) => {
      const result = await read(paths, how, app, call);
      const absences = paths.length > 0 ? await app.library.absences(call, paths) : [];
      return { result, absences: absences.filter(({ why }) => prunable.has(why)) };
    });
  const { result, absences } = await run(flags).catch((error: unknown) => {
    if (stopSignal() !== undefined)
      note('What has been read stays, and is found by words. The same command goes on from there.');
    throw error;
  });
  report(result, command);
  if (absences.length > 0 && (await isGoneForGood(absences))) {
    report((await run({ ...flags, prune: true })).result, command);
  }
  if (flags.watch) await watch(command);
}

/** Asks on a terminal; elsewhere the report has said what to do. */
async function isGoneForGood(absences: readonly Absence[]): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  for (const each of absences) note(absenceDetail(each));
  try {
    const answer = await terminal.question(
      'Remove the documents of the named folders that are not there? [y/N] ',
    );
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

function reportChange({ source, added, changed, removed, skipped }: SourceChange): void {
  const time = new Date().toLocaleTimeString('en-GB');
  write(`${time} ${source}: ${plural(added, 'document')} added, ${changed} changed, ${removed} removed.`);
  for (const { path, reason } of skipped) note(`skipped ${path}: ${reason}`);
}

async function watch(command: Command): Promise<void> {
  const onChange = wantsJson(command)
    ? (change: SourceChange) => write(JSON.stringify(change))
    : reportChange;
  await runCommand(command, 'Watching', 'ingest', async (app, { signal }) => {
    note('Watching the folders of the library until Ctrl-C.');
    app.library.resume({ watch: true, onChange });
    // The signal alone keeps no process alive.
    const alive = setInterval(() => {}, 60_000);
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    clearInterval(alive);
  });
}

function report(result: IngestReport, command: Command): void {
  const { added, changed, unchanged, removed, chunks, embedded, pending, skipped, notes } = result;
  // Nothing that was named could be read: a script should know.
  if (skipped.length > 0 && added + changed + unchanged === 0) process.exitCode = exitCodes.badInput;
  if (wantsJson(command)) {
    write(JSON.stringify(result));
    return;
  }
  write(
    `${plural(added, 'document')} added, ${changed} changed, ${unchanged} unchanged, ${removed} removed; ${plural(chunks, 'passage')} read, ${embedded} embedded${pending > 0 ? `, ${pending} still to embed` : ''}.`,
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
      ...(options.limit !== undefined && { limit: wholeNumber('--limit', options.limit) }),
      ...(options.mode !== undefined && { mode: options.mode }),
    };
    return executeTool(search, args, app, call);
  });
  if (wantsJson(command)) {
    write(JSON.stringify(plainAnswer(answer)));
    return;
  }
  const { paragraph } = await import('./layout.ts');
  if (answer.isDoubtful) note(`${answer.summary}\n`);
  for (const hit of answer.rows) {
    const { document, title, heading = title, text } = hit;
    write(`${styled('bold', document + placeOf(hit))}  ${heading}\n${paragraph(text, 4)}\n`);
  }
  if (!answer.isDoubtful) note(answer.summary);
}

/** Documents per page. */
const pageSize = 500;

async function* documentsWithin(
  prefix: string,
  { library }: Pick<App, 'library'>,
  call: Call,
): AsyncGenerator<DocumentEntry> {
  let after: string | undefined;
  for (;;) {
    const { documents, more } = await library.list(
      { within: prefix, limit: pageSize, ...(after !== undefined && { after }) },
      call,
    );
    yield* documents;
    after = documents.at(-1)?.id;
    if (!more) return;
  }
}

async function list(prefix: string, command: Command): Promise<void> {
  const found = await runCommand(command, 'Listing', 'read', (app, call) =>
    Array.fromAsync(documentsWithin(prefix, app, call)),
  );
  if (wantsJson(command)) write(JSON.stringify(found));
  else if (found.length > 0)
    write((await import('./layout.ts')).table(found.map(({ id, title }) => [id, title])));
  if (found.length > 0) return;
  note(prefix === '' ? 'The library is empty.' : `No document has an id that starts with "${prefix}".`);
}

/** The error for a document that is not there; where a folder has its name, how that is removed. */
async function orFolder(error: unknown, id: string, library: App['library'], call: Call): Promise<unknown> {
  if (!(error instanceof HydrogenError) || error.code !== 'not_found') return error;
  const { total } = await library.list({ within: `${id}/`, limit: 1 }, call);
  if (total === 0) return error;
  const [verb, them] = total === 1 ? ['is', 'it'] : ['are', 'them'];
  return reworded(
    error,
    `There is no document "${id}", but ${plural(total, 'document')} ${verb} in ${id}/: \`hydrogen remove ${id}/\` removes ${them}.`,
  );
}

/** Removes a document, everything below a folder, or a whole source, and returns what was removed. */
async function removeOne(id: string, { library }: App, call: Call): Promise<readonly RemovedDocument[]> {
  if (!id.endsWith('/')) {
    try {
      return [await library.remove(id, call)];
    } catch (error) {
      throw await orFolder(error, id, library, call);
    }
  }
  const below = await Array.fromAsync(documentsWithin(id, { library }, call));
  const name = id.slice(0, -1);
  if ((await library.sources(call)).some((source) => source.name === name)) {
    await library.removeSource(name, call);
    return below.map((entry) => ({ ...entry, comesBack: false }));
  }
  if (below.length === 0)
    throw new HydrogenError('not_found', `No document has an id that starts with "${id}".`);
  const removedDocuments: RemovedDocument[] = [];
  for (const entry of below) removedDocuments.push(await library.remove(entry.id, call));
  return removedDocuments;
}

async function remove(ids: string[], command: Command): Promise<void> {
  const removed = await runCommand(command, 'Removing', 'ingest', async (app, call) => {
    const removedDocuments: RemovedDocument[] = [];
    const parts = { ...app, library: inAnySpelling(app.library) };
    for (const id of ids) removedDocuments.push(...(await removeOne(id, parts, call)));
    return removedDocuments;
  });
  if (wantsJson(command)) write(JSON.stringify(removed.map(({ id }) => id)));
  else write(`${plural(removed.length, 'document')} removed from the library.`);
  const back = removed.filter(({ comesBack }) => comesBack).length;
  if (back > 0) {
    note(
      `${back} of them will be read again by the next \`hydrogen ingest\`, because their folder is kept in sync. Ingest the folder with --exclude for them, or remove all of it with \`hydrogen remove FOLDER/\`.`,
    );
  }
}

export function registerLibrary(program: Command): void {
  program
    .command('list')
    .description('the documents of the library')
    .argument('[prefix]', 'only ids that start with this', '')
    .action((prefix: string, _options, command: Command) => list(prefix, command));
  program
    .command('remove')
    .description('take documents out of the library; their files stay')
    .argument('<id...>', 'ids, or FOLDER/ for all below it; the folder of a whole source is no longer read')
    .action((ids: string[], _options, command: Command) => remove(ids, command));
  program
    .command('ingest')
    .description('read files and folders into the library; files deleted from a folder are removed')
    .argument('[path...]', `${readable}, or folders of them`)
    .option(
      '--include <pattern>',
      'only matching files of folders, such as "*.pdf"; may be repeated',
      collect,
    )
    .option('--exclude <pattern>', 'skip matching files and folders; may be repeated', collect)
    .option('--prune', 'remove the documents of a named folder even when all its files are gone', false)
    .option('--watch', 'keep reading what changes, until Ctrl-C', false)
    .option('--reembed', 'rebuild all vectors, for another embedding model', false)
    .action((paths: string[], flags: IngestFlags, command: Command) => ingest(paths, flags, command));
  program
    .command('search')
    .description('passages that answer a question')
    .argument('<words...>')
    .option('--limit <n>', 'most passages')
    .option('--mode <mode>', 'hybrid, semantic or keyword')
    .action(searchFor);
}
