import { readFile, realpath } from 'node:fs/promises';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import type { Call } from '../call.ts';
import { HydrogenError } from '../errors.ts';
import type { Document } from '../mql/formats.ts';
import { fromExtendedJson } from '../mql/formats.ts';
import { samples } from '../samples.ts';
import type { DocumentStore, Namespace } from '../stores/documents/document-store.ts';
import { plural } from '../tools/common/queries.ts';
import { runCommand, wantsJson } from './context.ts';
import { note, write } from './output.ts';

interface SampleCollection {
  readonly namespace: Namespace;
  readonly documents: readonly Document[];
  /** How many documents there are in it that are not samples, and how many that are. */
  readonly others: number;
  readonly present: number;
}

interface SamplesReport {
  readonly documents: number;
  readonly collections: Readonly<Record<string, number>>;
}

/** Asked one after the other, they show what the server does. The second and third are about the collections. */
const questions = [
  'What do our documents say about embrittlement in pipelines?',
  'Which electrolyser has the lowest CAPEX per source in the collection technologies?',
  'Run the electrolyser cost brief.',
];

/** Samples are in the embedded store, whatever the default connection is: nobody's server gets them unasked. */
const connectionName = 'embedded';

function idsOf(documents: readonly Document[]): Document {
  return { _id: { $in: documents.map(({ _id }) => _id) } };
}

/** The names of the collections of a database, which may not be there yet. */
async function collectionNames(store: DocumentStore, database: string, call: Call): Promise<string[]> {
  const databases = await store.databases(call);
  if (!databases.some(({ name }) => name === database)) return [];
  return (await store.collections(database, call)).map(({ name }) => name);
}

async function sampleCollection(
  store: DocumentStore,
  namespace: Namespace,
  exists: boolean,
  call: Call,
): Promise<SampleCollection> {
  const lines = (await readFile(samples.collectionFile(namespace.collection), 'utf8')).trimEnd().split('\n');
  const documents = lines.map((line) => fromExtendedJson(line) as Document);
  if (!exists) return { namespace, documents, others: 0, present: 0 };
  const all = await store.count({ ...namespace, filter: {} }, call);
  const present = await store.count({ ...namespace, filter: idsOf(documents) }, call);
  return { namespace, documents, others: all - present, present };
}

async function sampleCollections({ connections }: App, call: Call) {
  const { store, database = 'main' } = connections.get(connectionName);
  const names = await collectionNames(store, database, call);
  const found: SampleCollection[] = [];
  for (const collection of samples.collections) {
    const exists = names.includes(collection);
    found.push(await sampleCollection(store, { database, collection }, exists, call));
  }
  return { store, found };
}

async function add(app: App, call: Call): Promise<SamplesReport> {
  const { store, found } = await sampleCollections(app, call);
  const taken = found.filter(({ others }) => others > 0).map(({ namespace }) => `"${namespace.collection}"`);
  if (taken.length > 0) {
    throw new HydrogenError(
      'conflict',
      `There are documents of your own in ${taken.join(' and ')}, so nothing was added. Put the samples into a data directory of their own: \`hydrogen --data-dir FOLDER samples\`.`,
    );
  }
  const { added, changed, unchanged } = await app.library.ingest([samples.documents], call);
  for (const { namespace, documents } of found) {
    await store.put(namespace, documents, { drop: false }, call);
  }
  const counts = found.map(({ namespace, documents }) => [namespace.collection, documents.length]);
  return { documents: added + changed + unchanged, collections: Object.fromEntries(counts) };
}

/** The source that the sample documents are, unless they lie in one with documents of the user's own. */
async function sampleSource({ library }: App, call: Call): Promise<string | undefined> {
  const folder = await realpath(samples.documents);
  const places = await library.places(call);
  const source = places.find(({ path }) => path === folder)?.source;
  const others = places.filter((place) => place.source === source && place.path !== folder);
  return others.length > 0 ? undefined : source;
}

async function remove(app: App, call: Call): Promise<SamplesReport> {
  const source = await sampleSource(app, call);
  const documents = source === undefined ? 0 : await app.library.removeSource(source, call);
  const { store, found } = await sampleCollections(app, call);
  const limits = { maxDocuments: Number.MAX_SAFE_INTEGER };
  const counts: [string, number][] = [];
  for (const { namespace, documents, present } of found) {
    if (present > 0) {
      const filter = idsOf(documents);
      await store.apply({ kind: 'delete', ...namespace, filter, many: true }, limits, call);
      const left = await store.count({ ...namespace, filter: {} }, call);
      if (left === 0) await store.apply({ kind: 'drop_collection', ...namespace }, limits, call);
    }
    counts.push([namespace.collection, present]);
  }
  return { documents, collections: Object.fromEntries(counts) };
}

function listed({ documents, collections }: SamplesReport): string {
  const parts = Object.entries(collections).map(([name, count]) => `${name} (${count})`);
  return `${plural(documents, 'document')} of the library, and the collections ${parts.join(', ')}`;
}

function report(result: SamplesReport, isRemoval: boolean, defaultConnection: string): void {
  if (isRemoval && result.documents + Object.values(result.collections).reduce((a, b) => a + b) === 0) {
    note('There are no samples to remove.');
    return;
  }
  write(`${isRemoval ? 'Removed' : 'There are now'}: ${listed(result)}.`);
  if (isRemoval) return;
  if (defaultConnection === connectionName) {
    write(`\nAsk your assistant:`);
    for (const question of questions) write(`  ${question}`);
  } else {
    note(
      `The collections are in the connection "${connectionName}", and "${defaultConnection}" is the default: name it in questions about them. The sample workflows read the default connection, so they are not offered.`,
    );
  }
  write('\n`hydrogen samples --remove` takes them out again.');
}

export function registerSamples(program: Command): void {
  program
    .command('samples')
    .description('put the sample documents and collections about hydrogen energy in, to try things on')
    .option('--remove', 'take them out again', false)
    .action(async (flags: { remove: boolean }, command: Command) => {
      const [label, operation, work] = flags.remove
        ? (['Removing', 'destroy', remove] as const)
        : (['Adding', 'write', add] as const);
      const { result, defaultConnection } = await runCommand(
        command,
        label,
        operation,
        async (app, call) => ({
          result: await work(app, call),
          defaultConnection: app.connections.get().name,
        }),
      );
      if (wantsJson(command)) write(JSON.stringify(result));
      else report(result, flags.remove, defaultConnection);
    });
}
