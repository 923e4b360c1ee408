import type { Command } from 'commander';
import { stringifyExtendedJson } from '../mql/formats.ts';
import { executeTool } from '../tools/common/execute.ts';
import { describeCollection } from '../tools/describe-collection.ts';
import { find } from '../tools/find.ts';
import { wantsJson, withApp } from './context.ts';
import { note, write } from './output.ts';
import { jsonArgument, wholeNumber } from './values.ts';
import { inCommands } from './words.ts';

interface FindOptions {
  readonly connection?: string;
  readonly database?: string;
  readonly projection?: string;
  readonly sort?: string;
  readonly limit?: string;
  readonly skip?: string;
  readonly collation?: string;
  readonly cursor?: string;
}

/** Answer caps protect a model's context; a person or a program does not need them. */
const uncapped = { maxRows: 10_000, maxAnswerBytes: 256 * 2 ** 20 };

async function findIn(
  collection: string,
  filter: string,
  options: FindOptions,
  command: Command,
): Promise<void> {
  const { connection, database, projection, sort, collation, limit, skip, cursor } = options;
  const args = {
    collection,
    filter: jsonArgument('The filter', filter),
    ...(connection !== undefined && { connection }),
    ...(database !== undefined && { database }),
    ...(cursor !== undefined && { cursor }),
    ...(projection !== undefined && { projection: jsonArgument('--projection', projection) }),
    ...(sort !== undefined && { sort: jsonArgument('--sort', sort) }),
    ...(collation !== undefined && { collation: jsonArgument('--collation', collation) }),
    ...(limit !== undefined && { limit: wholeNumber('--limit', limit) }),
    ...(skip !== undefined && { skip: wholeNumber('--skip', skip) }),
  };
  const { rows, summary } = await withApp(command, 'Finding', async (app, call) => {
    const config = { ...app.config, ...uncapped };
    return executeTool(find, args, { ...app, config }, call);
  });
  if (wantsJson(command)) {
    write(`[${rows.map((row) => stringifyExtendedJson(row, { relaxed: true })).join(',\n')}]`);
  } else {
    for (const row of rows) write(stringifyExtendedJson(row, { relaxed: true }));
  }
  note(inCommands(summary));
}

async function describe(
  collection: string,
  { connection, database }: Pick<FindOptions, 'connection' | 'database'>,
  command: Command,
): Promise<void> {
  const args = {
    collection,
    ...(connection !== undefined && { connection }),
    ...(database !== undefined && { database }),
  };
  const { rows, summary } = await withApp(command, 'Looking', async (app, call) => {
    const config = { ...app.config, ...uncapped };
    return executeTool(describeCollection, args, { ...app, config }, call);
  });
  const lines = rows.map((row) => stringifyExtendedJson(row, { relaxed: true }));
  if (wantsJson(command)) write(`[${lines.join(',\n')}]`);
  else for (const line of lines) write(line);
  note(inCommands(summary));
}

export function registerQueries(program: Command): void {
  program
    .command('describe')
    .description('the fields of a collection: types, presence, ranges or values, references')
    .argument('<collection>')
    .option('--connection <name>', 'where from; default: the first server, else embedded')
    .option('--database <name>')
    .action(describe);
  program
    .command('find')
    .description('documents of a collection that match a MongoDB filter, as JSON lines')
    .argument('<collection>')
    .argument('[filter]', 'JSON, Extended JSON for ids and dates', '{}')
    .option('--connection <name>', 'where from; default: the first server, else embedded')
    .option('--database <name>')
    .option('--projection <json>')
    .option('--sort <json>')
    .option('--collation <json>', '{"locale":"en","strength":2} ignores case')
    .option('--limit <n>')
    .option('--skip <n>')
    .option('--cursor <text>', 'continue where the last answer ended')
    .action(findIn);
}
