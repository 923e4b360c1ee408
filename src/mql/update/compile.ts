import { ObjectId } from 'bson';
import { badInput } from '../../errors.ts';
import { variableCells } from '../aggregate.ts';
import { rootScope } from '../expressions/compile.ts';
import type { FilterOptions } from '../query/filter.ts';
import { compileMatchedIndex } from '../query/positional.ts';
import { compilePipeline } from '../stages/pipeline.ts';
import { DEFAULT_MAX_BYTES, type Document, type Limits } from '../types.ts';
import { clone, normalize } from '../values/clone.ts';
import { createOrdering } from '../values/collation.ts';
import { equals } from '../values/compare.ts';
import { getField, isDocument } from '../values/fields.ts';
import { fillTimestamps } from '../values/timestamps.ts';
import { identical } from './identical.ts';
import { compileOperatorUpdate } from './operators.ts';
import { compileArrayFilters } from './positions.ts';
import { documentOfFilter } from './upsert.ts';

export interface UpdateOptions {
  /** The filter of the update, for the positional `$` and the initial document of an upsert. */
  readonly filter?: Document;
  readonly arrayFilters?: readonly Document[];
  readonly collation?: Document;
  /** The time of $currentDate and $$NOW; the time of the call by default. */
  readonly now?: Date;
  readonly limits?: Limits;
  /** Variables of a pipeline update, like MongoDB's `let`. */
  readonly variables?: Document;
}

/** A compiled update for any number of documents. */
export interface CompiledUpdate {
  /**
   * An updated copy of a document that matches the filter; `modified` is false if nothing changed.
   * @throws HydrogenError bad_input if the update does not fit the document
   */
  apply(doc: Document): { readonly document: Document; readonly modified: boolean };
  /** The document, with an `_id`, that an upsert inserts if nothing matches. */
  insert(): Document;
}

type Transform = (doc: Document, inserting: boolean) => Document;

/**
 * Compiles an update: a document of operators or a pipeline. Everything in it is checked now.
 * @throws HydrogenError bad_input (also for a document without operators) or not_supported
 */
export function compileUpdate(
  update: Document | readonly Document[],
  options: UpdateOptions = {},
): CompiledUpdate {
  const filter = options.filter ?? {};
  const transform = Array.isArray(update)
    ? byPipeline(update, options)
    : byOperators(update as Document, options);
  return finish(transform, () => documentOfFilter(normalize(filter)));
}

/**
 * Compiles a replacement; the document keeps its `_id`.
 * @throws HydrogenError bad_input for a replacement that begins with an operator
 */
export function compileReplacement(replacement: Document, options: UpdateOptions = {}): CompiledUpdate {
  if (!isDocument(replacement)) throw badInput('A replacement must be a document.');
  const operator = Object.keys(replacement).find((name) => name.startsWith('$'));
  if (operator !== undefined)
    throw badInput(`A replacement has no operators such as ${operator}. Use an update.`);
  const whole = normalize(replacement);
  const base = (): Document => {
    const { _id } = documentOfFilter(normalize(options.filter ?? {}), '_id');
    return _id === undefined ? {} : { _id };
  };
  const now = options.now ?? new Date();
  return finish(() => fillTimestamps(clone(whole), now), base, true);
}

/** Applies an update, or a replacement, to one document. */
export function applyUpdate(
  doc: Document,
  update: Document | readonly Document[],
  options: UpdateOptions = {},
): { readonly document: Document; readonly modified: boolean } {
  const isReplacement = isDocument(update) && !Object.keys(update)[0]?.startsWith('$');
  return (isReplacement ? compileReplacement(update, options) : compileUpdate(update, options)).apply(doc);
}

function byOperators(update: Document, options: UpdateOptions): Transform {
  if (!isDocument(update)) throw badInput('An update must be a document of operators or a pipeline.');
  const [first] = Object.keys(update);
  if (!first?.startsWith('$')) {
    throw badInput(
      'An update needs operators, as in {$set: {status: "done"}}. To replace a document, use a replacement.',
    );
  }
  const now = options.now ?? new Date();
  const filterOptions: FilterOptions = { now, collation: options.collation };
  const filters = compileArrayFilters(normalize(options.arrayFilters ?? []), filterOptions);
  const ordering = createOrdering(options.collation);
  const run = compileOperatorUpdate(normalize(update), filters, { now, filterOptions, ordering });
  const matchedIndex = compileMatchedIndex(options.filter ?? {}, filterOptions);
  return (doc, inserting) => {
    const copy = clone(doc);
    run(copy, { matched: () => (inserting ? -1 : matchedIndex(doc)), filters }, inserting);
    if (doc['_id'] !== undefined && copy['_id'] === undefined) throw immutableId();
    if (!inserting) checkNames(doc, copy);
    return copy;
  };
}

/** A document may have been inserted with names that begin with $, but an update gives it none. */
function checkNames(before: Document, after: Document): void {
  for (const name of Object.keys(after)) {
    if (!name.startsWith('$') || identical(getField(before, name), getField(after, name))) continue;
    throw badInput(`An update cannot set the field "${name}": its name begins with $.`);
  }
}

function byPipeline(pipeline: readonly Document[], options: UpdateOptions): Transform {
  if (options.arrayFilters !== undefined && options.arrayFilters.length > 0) {
    throw badInput('"arrayFilters" cannot be used with a pipeline.');
  }
  const limits = options.limits ?? { tick() {}, maxBytes: DEFAULT_MAX_BYTES };
  const variables = variableCells(options.variables ?? {});
  for (const cell of variables.values()) cell.value = normalize(cell.value);
  const ordering = createOrdering(options.collation);
  const scope = rootScope({ now: options.now ?? new Date(), limits, ordering, variables });
  const run = compilePipeline(normalize(pipeline), 'update', scope, () => []);
  return (doc) => {
    for (const result of run([doc])) return fillTimestamps(clone(result), scope.now);
    return doc;
  };
}

/** `isReplacement`: MongoDB compares one as it was given, so that one without the `_id` always counts as a change. */
function finish(transform: Transform, base: () => Document, isReplacement = false): CompiledUpdate {
  return {
    apply(doc) {
      const made = transform(doc, false);
      const document = withId(made, doc['_id']);
      return { document, modified: !identical(doc, isReplacement ? made : document) };
    },
    insert() {
      const start = base();
      const made = transform(start, true);
      const id = start['_id'] ?? made['_id'];
      return withId(made, id === undefined ? new ObjectId() : id);
    },
  };
}

const immutableId = () =>
  badInput('The update would change "_id", which cannot change. Delete the document and insert another.');

/** The document with this `_id`, added as the first field if missing. */
function withId(doc: Document, id: unknown): Document {
  const own = doc['_id'];
  if (own !== undefined && !equals(own, id)) {
    throw immutableId();
  }
  if (own !== undefined && Object.keys(doc)[0] === '_id') return doc;
  const { _id: _dropped, ...rest } = doc;
  return id === undefined ? rest : { _id: id, ...rest };
}
