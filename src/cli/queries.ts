import type { Command } from 'commander';
import { badInput } from '../errors.ts';
import { stringifyExtendedJson } from '../mql/formats.ts';
import type { Rows } from '../tools/define.ts';
import { executeTool } from '../tools/execute.ts';
import { find } from '../tools/find.ts';
import { wantsJson, withApp } from './context.ts';
import { note, write } from './output.ts';

interface FindOptions {
  readonly database?: string;
  readonly projection?: string;
  readonly sort?: string;
  readonly limit?: string;
  readonly skip?: string;
}

/** @throws HydrogenError `bad_input` naming what is not JSON. */
export function jsonArgument(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badInput(`${name} is not valid JSON: ${error instanceof Error ? error.message : error}`);
  }
}

async function findIn(
  collection: string,
  filter: string,
  options: FindOptions,
  command: Command,
): Promise<void> {
  const { database, projection, sort, limit, skip } = options;
  const args = {
    collection,
    filter: jsonArgument('The filter', filter),
    ...(database !== undefined && { database }),
    ...(projection !== undefined && { projection: jsonArgument('--projection', projection) }),
    ...(sort !== undefined && { sort: jsonArgument('--sort', sort) }),
    ...(limit !== undefined && { limit: Number(limit) }),
    ...(skip !== undefined && { skip: Number(skip) }),
  };
  const { rows, summary } = await withApp(
    command,
    'Finding',
    async (app, call) => (await executeTool(find, args, app, call)) as Rows,
  );
  if (wantsJson(command)) {
    write(`[${rows.map((row) => stringifyExtendedJson(row, { relaxed: true })).join(',\n')}]`);
    return;
  }
  for (const row of rows) write(stringifyExtendedJson(row, { relaxed: true }));
  note(summary);
}

export function registerQueries(program: Command): void {
  program
    .command('find')
    .description('documents of a collection that match a MongoDB filter, a JSON line each')
    .argument('<collection>')
    .argument('[filter]', 'JSON, Extended JSON for ids and dates', '{}')
    .option('--database <name>')
    .option('--projection <json>')
    .option('--sort <json>')
    .option('--limit <n>')
    .option('--skip <n>')
    .action(findIn);
}
