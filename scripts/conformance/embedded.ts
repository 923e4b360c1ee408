import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Call, owner } from '../../src/call.ts';
import { HydrogenError } from '../../src/errors.ts';
import { type Document, encode, isWritePipeline } from '../../src/mql/index.ts';
import { createLog } from '../../src/observability/log.ts';
import type { DocumentStore, Namespace } from '../../src/stores/documents/document-store.ts';
import { createEmbeddedDocuments } from '../../src/stores/embedded/documents/documents.ts';
import { documentOperations } from '../../src/stores/embedded/documents/operations.ts';
import { createClient } from '../../src/stores/embedded/engine/operations.ts';
import type { StoreFile } from '../../src/stores/embedded/engine/store-file.ts';
import { createEmbeddedStore } from '../../src/stores/embedded/store.ts';
import type { Case, Outcome } from '../../test/conformance/compare.ts';
import { argumentsOf, assertUpdate, type CaseRunner, type Doc } from './runner.ts';

export interface EmbeddedOptions {
  /** Make an index on every field that a case filters or sorts by, so that plans use them. */
  readonly indexes?: boolean;
  /** Read `find` in pages of so many documents, put together by their cursors. */
  readonly pageSize?: number;
}

const maxBytes = 100 * 1024 * 1024;
const everything = { limit: 100_000, maxBytes };
const changeLimits = { maxDocuments: 100_000 };

const newCall = (): Call => ({
  caller: owner,
  signal: new AbortController().signal,
  deadline: Date.now() + 30_000,
  progress() {},
  log: createLog('silent'),
});

/** Cases on the embedded store, in a directory that is gone after `close`; each has a database of its own. */
export async function embeddedRunner(options: EmbeddedOptions = {}): Promise<CaseRunner> {
  const directory = await mkdtemp(join(tmpdir(), 'hydrogen-conformance-'));
  const file = createEmbeddedStore(directory, 1);
  const store = createEmbeddedDocuments(file);
  let serial = 0;
  return {
    async run(test) {
      const namespace = { database: `case${++serial}`, collection: 'c' };
      const collections = { c: [], ...test.collections };
      for (const [collection, docs] of Object.entries(collections)) {
        await store.put({ ...namespace, collection }, docs as Document[], { drop: true }, newCall());
      }
      if (options.indexes) await makeIndexes(store, namespace, test);
      try {
        const outcome = await execute(test, store, file, namespace, options);
        return { ...outcome, collections: await read(store, namespace.database) };
      } catch (error) {
        const refused = refusal(error);
        return {
          error: String(error),
          ...(refused !== undefined && { refused }),
          collections: await read(store, namespace.database),
        };
      }
    },
    async close() {
      await file.close();
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** What is refused by its name: an operator, or a collection that does not exist. */
function refusal(error: unknown): string | undefined {
  if (!(error instanceof HydrogenError)) return undefined;
  if (error.code === 'not_supported') return error.message.split(' is not supported')[0];
  return error.code === 'not_found' ? 'a collection that does not exist' : undefined;
}

async function makeIndexes(store: DocumentStore, namespace: Namespace, test: Case): Promise<void> {
  const { filter, sort = {} } = argumentsOf(test);
  const first = (test.args['pipeline'] as Doc[] | undefined)?.[0];
  const match = (first?.['$match'] ?? first?.['$sort'] ?? {}) as Doc;
  for (const path of new Set(Object.keys({ ...filter, ...sort, ...match }))) {
    if (path.startsWith('$') || path === '_id') continue;
    // Not every path can be indexed on every data (parallel arrays); the case then runs without.
    await store.createIndex({ ...namespace, key: { [path]: 1 }, unique: false }, newCall()).catch(() => {});
  }
}

/** All documents of all collections afterwards. */
async function read(store: DocumentStore, database: string): Promise<Outcome['collections']> {
  const found: { [name: string]: readonly unknown[] } = {};
  for (const { name } of await store.collections(database, newCall())) {
    const query = { database, collection: name, filter: {}, skip: 0, ...everything };
    found[name] = (await store.find(query, newCall())).documents;
  }
  return found;
}

async function execute(
  test: Case,
  store: DocumentStore,
  file: StoreFile,
  namespace: Namespace,
  options: EmbeddedOptions,
): Promise<Partial<Outcome>> {
  const { op, args } = test;
  const { filter, collation, skip, limit } = argumentsOf(test);
  const collated = collation === undefined ? {} : { collation };
  switch (op) {
    case 'find':
      return { docs: await find(test, store, namespace, options.pageSize) };
    case 'count':
      if (skip > 0 || limit > 0) return { value: (await find(test, store, namespace)).length };
      return { value: await store.count({ ...namespace, filter, ...collated }, newCall()) };
    case 'distinct': {
      const key = String(args['key']);
      const query = { ...namespace, key, filter, ...everything, ...collated };
      return { value: (await store.distinct(query, newCall())).values };
    }
    case 'aggregate': {
      const pipeline = args['pipeline'] as Doc[];
      if (isWritePipeline(pipeline)) {
        const change = encode({ ...namespace, pipeline, ...collated });
        await createClient(file, documentOperations).writePipeline(change, newCall());
        return { docs: [] };
      }
      const query = { ...namespace, pipeline, ...everything, ...collated };
      return { docs: (await store.aggregate(query, newCall())).documents };
    }
    case 'insertOne':
      return { value: (await store.insert(namespace, [args['document'] as Document], newCall()))[0] };
    case 'insertMany':
      return insertMany(test, store, namespace);
    default:
      return op.startsWith('find') ? findAndChange(test, store, namespace) : change(test, store, namespace);
  }
}

async function find(
  test: Case,
  store: DocumentStore,
  namespace: Namespace,
  pageSize?: number,
): Promise<Document[]> {
  const { filter, sort, projection, collation, skip, limit } = argumentsOf(test);
  const most = limit === 0 ? everything.limit : limit;
  const query = {
    ...namespace,
    filter,
    skip,
    ...everything,
    ...(sort && { sort }),
    ...(projection && { projection }),
    ...(collation && { collation }),
  };
  const found: Document[] = [];
  let after: string | undefined;
  do {
    const size = Math.min(pageSize ?? most, most - found.length);
    const page = await store.find(
      { ...query, limit: size, ...(after !== undefined && { after }) },
      newCall(),
    );
    found.push(...page.documents);
    after = page.next;
  } while (after !== undefined && found.length < most);
  return found;
}

/** One by one, as a server does it; the store's own insert is all or none. */
async function insertMany(test: Case, store: DocumentStore, namespace: Namespace): Promise<Partial<Outcome>> {
  let failure: unknown;
  for (const document of test.args['documents'] as Document[]) {
    try {
      await store.insert(namespace, [document], newCall());
    } catch (error) {
      failure ??= error;
      if (argumentsOf(test).options['ordered'] !== false) break;
    }
  }
  if (failure !== undefined) throw failure;
  return {};
}

async function change(
  test: Case,
  store: DocumentStore,
  namespace: Namespace,
  filter: Doc = argumentsOf(test).filter,
): Promise<Partial<Outcome>> {
  const { op, args } = test;
  const { options, collation } = argumentsOf(test);
  const selection = {
    ...namespace,
    filter,
    many: op.endsWith('Many'),
    ...(collation && { collation }),
  };
  if (/delete/i.test(op)) {
    const { changed } = await store.apply({ kind: 'delete', ...selection }, changeLimits, newCall());
    return { value: { deletedCount: changed } };
  }
  assertUpdate(test);
  const arrayFilters = options['arrayFilters'] as Doc[] | undefined;
  const { matched, changed, upsertedId } = await store.apply(
    {
      kind: 'update',
      ...selection,
      update: (args['replacement'] ?? args['update']) as Document,
      upsert: options['upsert'] === true,
      ...(arrayFilters && { arrayFilters }),
    },
    changeLimits,
    newCall(),
  );
  const upsertedCount = upsertedId === undefined ? 0 : 1;
  return { value: { matchedCount: matched, modifiedCount: changed, upsertedCount, upsertedId } };
}

/** findOneAnd…: the store has no such call, so the document is found first and then changed by its `_id`. */
async function findAndChange(
  test: Case,
  store: DocumentStore,
  namespace: Namespace,
): Promise<Partial<Outcome>> {
  const { filter, options, projection } = argumentsOf(test);
  const whole = { ...test, args: { ...test.args, projection: undefined, limit: 1 } };
  const [before] = await find(whole, store, namespace);
  const byId = before === undefined ? filter : { $and: [filter, { _id: before['_id'] }] };
  const one = async (id: unknown): Promise<unknown> => {
    const query = { ...namespace, filter: { _id: id }, skip: 0, ...everything };
    const { documents } = await store.find({ ...query, ...(projection && { projection }) }, newCall());
    return documents[0] ?? null;
  };
  const shown = before === undefined ? null : await one(before['_id']);
  const { value } = await change(test, store, namespace, byId);
  if (/delete/i.test(test.op) || options['returnDocument'] !== 'after') return { value: shown };
  return { value: await one(before?.['_id'] ?? (value as Doc)['upsertedId']) };
}
