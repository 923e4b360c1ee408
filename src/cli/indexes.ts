import type { Command } from 'commander';
import type { App } from '../app.ts';
import type { Call } from '../call.ts';
import { badInput } from '../errors.ts';
import { stringifyExtendedJson } from '../mql/formats.ts';
import type { DocumentStore, IndexEntry, Namespace } from '../stores/documents/document-store.ts';
import { fieldHint } from '../tools/common/hints.ts';
import { queryArgument } from '../tools/common/queries.ts';
import { runCommand, wantsJson } from './context.ts';
import { jsonArgument, jsonHelp } from './json-argument.ts';
import { note, write } from './output.ts';
import { inCommands } from './words.ts';

interface IndexFlags {
  readonly connection?: string;
  readonly database?: string;
  readonly create?: string;
  readonly name?: string;
  readonly unique: boolean;
  readonly drop?: string;
}

interface At {
  readonly store: DocumentStore;
  readonly namespace: Namespace;
}

async function keyOf(text: string): Promise<Record<string, unknown>> {
  const key = await jsonArgument('--create', text, '{"field":1}');
  if (typeof key === 'object' && key !== null && !Array.isArray(key)) {
    return queryArgument('--create', key as Record<string, unknown>);
  }
  throw badInput('--create takes the fields of the index as a JSON object, such as {"status":1,"year":-1}.');
}

async function create(
  { store, namespace }: At,
  flags: IndexFlags,
  text: string,
  call: Call,
): Promise<string> {
  const key = await keyOf(text);
  const { name, unique } = flags;
  const made = await store.createIndex(
    { ...namespace, key, unique, ...(name !== undefined && { name }) },
    call,
  );
  if (!made.created) return `The index "${made.name}" already exists.`;
  return `Index "${made.name}" created.${await fieldHint(store, namespace, Object.keys(key), call)}`;
}

async function drop({ store, namespace }: At, name: string, call: Call): Promise<string> {
  await store.apply({ kind: 'drop_index', ...namespace, name }, { maxDocuments: 1 }, call);
  return `Index "${name}" dropped; the documents stay.`;
}

/** Lists the indexes, after making or dropping one. */
async function changed(
  { connections }: App,
  collection: string,
  flags: IndexFlags,
  call: Call,
): Promise<{ said?: string; entries: readonly IndexEntry[] }> {
  const { store, database: fallback } = connections.get(flags.connection);
  const database = flags.database ?? fallback;
  if (database === undefined) {
    throw badInput('Name the database: this connection has no default (--database).');
  }
  const at = { store, namespace: { database, collection } };
  const said =
    flags.create !== undefined
      ? await create(at, flags, flags.create, call)
      : flags.drop !== undefined && (await drop(at, flags.drop, call));
  return { ...(said && { said }), entries: await store.indexes(at.namespace, call) };
}

async function indexes(collection: string, flags: IndexFlags, command: Command): Promise<void> {
  if (flags.create !== undefined && flags.drop !== undefined) {
    throw badInput('--create and --drop are two commands: give one of them.');
  }
  if (flags.create === undefined && (flags.unique || flags.name !== undefined)) {
    throw badInput('--unique and --name describe an index to --create.');
  }
  const operation = flags.create !== undefined ? 'write' : flags.drop !== undefined ? 'destroy' : 'read';
  const { said, entries } = await runCommand(command, 'Indexing', operation, (app, call) =>
    changed(app, collection, flags, call),
  );
  if (said) note(inCommands(said));
  if (wantsJson(command)) {
    write(stringifyExtendedJson(entries, { relaxed: true }));
    return;
  }
  for (const { name, key, unique } of entries) {
    write(`${name}  ${stringifyExtendedJson(key, { relaxed: true })}${unique ? '  unique' : ''}`);
  }
}

export function registerIndexes(program: Command): void {
  program
    .command('indexes')
    .description('the indexes of a collection; make or drop one')
    .argument('<collection>')
    .option('--create <json>', 'make an index on these fields, such as {"status":1,"year":-1}')
    .option('--name <name>', 'of the new index')
    .option('--unique', 'no two documents may have the same values', false)
    .option('--drop <name>', 'drop an index; no document changes')
    .option('--connection <name>', 'default: the first server, else embedded')
    .option('--database <name>')
    .addHelpText('after', jsonHelp)
    .action(indexes);
}
