import type { Command } from 'commander';
import { stringifyExtendedJson } from '../mql/formats.ts';
import type { Rows, Tool } from '../tools/common/define.ts';
import { executeTool } from '../tools/common/execute.ts';
import { plural } from '../tools/common/queries.ts';
import { describeCollection } from '../tools/describe-collection.ts';
import { find } from '../tools/find.ts';
import { listCollections } from '../tools/list-collections.ts';
import { wantsJson, withApp } from './context.ts';
import { jsonArgument, jsonHelp } from './json-argument.ts';
import { note, write } from './output.ts';
import { wholeNumber } from './values.ts';
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
  const { projection, sort, collation, limit, skip, cursor } = options;
  const args = {
    collection,
    filter: await jsonArgument('The filter', filter),
    ...(cursor !== undefined && { cursor }),
    ...(projection !== undefined && {
      projection: await jsonArgument('--projection', projection, '{"name":1,"_id":0}'),
    }),
    ...(sort !== undefined && { sort: await jsonArgument('--sort', sort, '{"year":-1}') }),
    ...(collation !== undefined && {
      collation: await jsonArgument('--collation', collation, '{"locale":"en","strength":2}'),
    }),
    ...(limit !== undefined && { limit: wholeNumber('--limit', limit) }),
    ...(skip !== undefined && { skip: wholeNumber('--skip', skip) }),
  };
  showLines(await rowsOf(find, args, options, command), command);
}

type Place = Pick<FindOptions, 'connection' | 'database'>;

/** The answer of a tool that a person reads row by row. */
async function rowsOf(
  tool: Tool<Rows>,
  args: Readonly<Record<string, unknown>>,
  { connection, database }: Place,
  command: Command,
): Promise<Rows> {
  const all = {
    ...args,
    ...(connection !== undefined && { connection }),
    ...(database !== undefined && { database }),
  };
  return withApp(command, 'Looking', async (app, call) => {
    const config = { ...app.config, ...uncapped };
    return executeTool(tool, all, { ...app, config }, call);
  });
}

/** As JSON lines, or one JSON array with `--json`. */
function showLines({ rows, summary }: Rows, command: Command): void {
  const lines = rows.map((row) => stringifyExtendedJson(row, { relaxed: true }));
  if (wantsJson(command)) write(`[${lines.join(',\n')}]`);
  else for (const line of lines) write(line);
  note(inCommands(summary));
}

async function describe(collection: string, place: Place, command: Command): Promise<void> {
  showLines(await rowsOf(describeCollection, { collection }, place, command), command);
}

async function collections(place: Place, command: Command): Promise<void> {
  const answer = await rowsOf(listCollections, {}, place, command);
  if (wantsJson(command) || answer.rows.length === 0) return showLines(answer, command);
  const { table } = await import('./layout.ts');
  write(table((answer.rows as readonly Listed[]).map(listedCells)));
  note(inCommands(answer.summary));
}

/** A collection, or a database where the connection has no default one. */
interface Listed {
  readonly name: string;
  readonly documents?: number;
  readonly collections?: number;
  readonly view?: true;
}

function listedCells({ name, documents, collections, view }: Listed): string[] {
  if (view) return [name, 'view'];
  return [
    name,
    documents === undefined ? plural(collections ?? 0, 'collection') : plural(documents, 'document'),
  ];
}

export function registerQueries(program: Command): void {
  program
    .command('collections')
    .description('the collections of a database, with how many documents each has')
    .option('--connection <name>', 'where from; default: the first server, else embedded')
    .option('--database <name>')
    .action(collections);
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
    .option('--projection <json>', 'the fields to show, such as {"name":1}')
    .option('--sort <json>', 'such as {"year":-1}: the latest first')
    .option('--collation <json>', '{"locale":"en","strength":2} ignores case')
    .option('--limit <n>', 'most documents (20)')
    .option('--skip <n>', 'leave out this many')
    .option('--cursor <text>', 'continue where the last answer ended')
    .addHelpText('after', jsonHelp)
    .action(findIn);
}
