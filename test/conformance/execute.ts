// Runs a case on arrays of documents with the engine: what a store does around it, without a store.
import { HydrogenError } from '../../src/errors.ts';
import {
  aggregate,
  type CompiledUpdate,
  compileFilter,
  compileProjection,
  compileReplacement,
  compileSort,
  compileUpdate,
  DEFAULT_MAX_BYTES,
  type Document,
  distinctValues,
  hashKey,
  prepareInsert,
} from '../../src/mql/index.ts';
import type { Case, Outcome } from './compare.ts';

export type Executed = Outcome & { readonly refused?: boolean };
type Collections = { [name: string]: Document[] };

const limits = { tick() {}, maxBytes: DEFAULT_MAX_BYTES };

/** Runs a case; a failure is part of the outcome, and `refused` tells a feature that is not there. */
export function execute(test: Case): Executed {
  const collections: Collections = {};
  for (const [name, docs] of Object.entries(test.collections)) collections[name] = [...(docs as Document[])];
  collections['c'] ??= [];
  try {
    return { ...run(test, collections, collections['c']), collections };
  } catch (error) {
    if (!(error instanceof HydrogenError)) throw error;
    return { error: error.message, refused: error.code === 'not_supported', collections };
  }
}

function run({ op, args }: Case, collections: Collections, docs: Document[]): Partial<Outcome> {
  const filter = (args['filter'] ?? {}) as Document;
  const collation = args['collation'] as Document | undefined;
  switch (op) {
    case 'find': {
      const projection = (args['projection'] ?? {}) as Document;
      return { docs: found(docs, args).map(compileProjection(projection, filter, { collation })) };
    }
    case 'count':
      return { value: found(docs, args).length };
    case 'distinct':
      return { value: distinctValues(found(docs, args), String(args['key']), { collation }) };
    case 'aggregate': {
      const pipeline = args['pipeline'] as Document[];
      const collection = (name: string) => collections[name] ?? [];
      const context = { input: () => docs, collection, limits, now: new Date(), collation };
      return { docs: [...aggregate(pipeline, context)] };
    }
    case 'insertOne':
      return { value: insert(docs, args['document'] as Document) };
    case 'insertMany':
      return insertMany(docs, args['documents'] as Document[], args['options'] as Document | undefined);
    default:
      return write(op, args, docs);
  }
}

function found(docs: readonly Document[], args: Document): Document[] {
  const collation = args['collation'] as Document | undefined;
  const matching = docs.filter(compileFilter((args['filter'] ?? {}) as Document, { collation }));
  const sort = args['sort'] as Document | undefined;
  if (sort !== undefined && Object.keys(sort).length > 0) matching.sort(compileSort(sort, { collation }));
  const skip = Number(args['skip'] ?? 0);
  const limit = Number(args['limit'] ?? 0);
  return matching.slice(skip, limit === 0 ? undefined : skip + limit);
}

function insert(docs: Document[], doc: Document): unknown {
  const stored = prepareInsert(doc);
  if (docs.some((other) => hashKey(other['_id']) === hashKey(stored['_id']))) {
    throw new HydrogenError('conflict', 'A document with this _id exists.');
  }
  docs.push(stored);
  return stored['_id'];
}

function insertMany(docs: Document[], documents: Document[], options: Document = {}): Partial<Outcome> {
  let failure: unknown;
  for (const doc of documents) {
    try {
      insert(docs, doc);
    } catch (error) {
      failure ??= error;
      if (options['ordered'] !== false) break;
    }
  }
  if (failure !== undefined) throw failure;
  return {};
}

function write(op: string, args: Document, docs: Document[]): Partial<Outcome> {
  const options = (args['options'] ?? {}) as Document;
  const filter = (args['filter'] ?? {}) as Document;
  const many = op.endsWith('Many');
  const targets = found(docs, many ? args : { ...args, limit: 1 });
  if (/delete/i.test(op)) {
    for (const target of targets) docs.splice(docs.indexOf(target), 1);
    return { value: op.startsWith('find') ? (targets[0] ?? null) : { deletedCount: targets.length } };
  }
  const update = compiled(op, args, filter, options);
  // All documents are computed before one is stored: a failure leaves everything as it was.
  const changes = targets.map((target) => ({ target, ...update.apply(target) }));
  for (const { target, document } of changes) docs[docs.indexOf(target)] = document;
  const inserted = targets.length === 0 && options['upsert'] === true ? update.insert() : undefined;
  if (inserted !== undefined) insert(docs, inserted);
  if (op.startsWith('find')) {
    const after = changes[0]?.document ?? inserted ?? null;
    return {
      value:
        options['returnDocument'] === 'after' ? projected(args, after) : projected(args, targets[0] ?? null),
    };
  }
  const modifiedCount = changes.filter(({ modified }) => modified).length;
  return {
    value: { matchedCount: targets.length, modifiedCount, upsertedCount: inserted === undefined ? 0 : 1 },
  };
}

function projected(args: Document, doc: Document | null): Document | null {
  return doc === null ? null : compileProjection((args['projection'] ?? {}) as Document)(doc);
}

function compiled(op: string, args: Document, filter: Document, options: Document): CompiledUpdate {
  if (/replace/i.test(op)) return compileReplacement(args['replacement'] as Document, { filter });
  const arrayFilters = options['arrayFilters'] as Document[] | undefined;
  return compileUpdate(args['update'] as Document, {
    filter,
    ...(arrayFilters !== undefined && { arrayFilters }),
  });
}
