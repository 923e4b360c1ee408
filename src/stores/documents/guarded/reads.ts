import type { Call } from '../../../call.ts';
import { badInput, HydrogenError } from '../../../errors.ts';
import { compileProjection, type Document, distinctValues } from '../../../mql/index.ts';
import { isNumeric } from '../../../mql/values/types.ts';
import type { CollectionRule } from '../../../policy/data-rules.ts';
import type {
  AggregateQuery,
  CountQuery,
  DistinctQuery,
  DocumentStore,
  FindQuery,
  Namespace,
  Page,
  Values,
} from '../document-store.ts';
import { streamedPage } from '../page-meter.ts';
import { pathsOfFilter, pathToAbsent, touches, widest } from './paths.ts';
import { type Foreign, narrowed } from './pipeline.ts';
import { assertStage, narrowedProjection } from './projection.ts';
import { assertCollation, assertSafe, both, isPlain, mayFail, narrowing, plainRule } from './rule.ts';
import { absentField, ruleFor, type Visible, withName } from './visible.ts';

// A query is sent as it is, with the rows' filter in front, where it names no hidden field: indexes serve it and it can be
// continued. Any other one becomes a pipeline that begins with the rows and without the hidden fields, so that it cannot
// see them, whatever it says.

/** The most that is read to find distinct values, in bytes: it is held in memory here. */
const maxDistinctBytes = 16 * 2 ** 20;
const maxDistinctDocuments = 100_000;

/** What a query of one collection is written by. */
interface Target {
  readonly rule: CollectionRule;
  /** Whether the filter may be sent as it is. */
  readonly isDirect: boolean;
}

/** Every order ends with the `_id`, which is in the position from which a query is continued. */
const pathsOfSort = (sort: Document): string[] | undefined =>
  Object.values(sort).every(isNumeric) ? [...Object.keys(sort), '_id'] : undefined;

function targetOf(
  visible: Visible,
  query: CountQuery & { readonly sort?: Document; readonly projection?: Document },
): Target {
  const { filter, collation, sort = {}, projection = {} } = query;
  const rule = ruleFor(visible, query);
  assertCollation(rule, collation);
  assertSafe(rule, filter, sort, projection);
  const isDirect =
    isPlain(rule) ||
    (!touches(pathsOfFilter(filter), rule.hidden) &&
      !touches(pathsOfSort(sort), rule.hidden) &&
      !(rule.rows !== undefined && mayFail(filter)));
  return { rule, isDirect };
}

/** A copy of a document without the fields. */
export function withoutFields(hidden: readonly string[]): (document: Document) => Document {
  if (hidden.length === 0) return (document) => document;
  return compileProjection(Object.fromEntries(widest(hidden).map((path) => [path, 0])), {});
}

function refusePositional(projection: Document | undefined): void {
  if (!Object.keys(projection ?? {}).some((path) => /\.\$(?:\.|$)/.test(path))) return;
  throw new HydrogenError(
    'not_supported',
    'A positional "$" in a projection is not supported with the rules for this collection: use $elemMatch in the projection, or $filter in a pipeline.',
  );
}

export async function find(
  store: DocumentStore,
  visible: Visible,
  query: FindQuery,
  call: Call,
): Promise<Page> {
  const { rule, isDirect } = targetOf(visible, query);
  const { filter, projection, sort, skip, after, ...rest } = query;
  const asked = { ...rest, ...visible.askedAs(query) };
  const { hidden, rows } = rule;
  const within = <T>(work: Promise<T>): Promise<T> => visible.found(() => [query], work, call);
  if (isPlain(rule)) return within(store.find({ ...query, ...asked }, call));
  refusePositional(projection);
  const shown = hidden.length === 0 ? undefined : narrowedProjection(projection ?? {}, hidden);
  if (isDirect && shown?.form !== 'stage') {
    const reduced = shown?.projection ?? projection;
    const page = await within(
      store.find(
        { ...query, ...asked, filter: both(rows, filter), ...(reduced && { projection: reduced }) },
        call,
      ),
    );
    return { ...page, documents: page.documents.map(withoutFields(hidden)) };
  }
  if (after !== undefined) {
    throw badInput('This query cannot be continued with the rules for this collection. Use skip.');
  }
  assertStage(projection ?? {});
  const pipeline = [
    ...narrowing(rule, mayFail(filter)),
    { $match: filter },
    ...(sort && Object.keys(sort).length > 0 ? [{ $sort: sort }] : []),
    ...(skip > 0 ? [{ $skip: skip }] : []),
    ...(projection && Object.keys(projection).length > 0 ? [{ $project: projection }] : []),
  ];
  return within(store.aggregate({ ...asked, pipeline, ahead: pipeline.length }, call));
}

export async function count(
  store: DocumentStore,
  visible: Visible,
  query: CountQuery,
  call: Call,
): Promise<number> {
  const { rule, isDirect } = targetOf(visible, query);
  const { filter, ...rest } = query;
  const asked = { ...rest, ...visible.askedAs(query) };
  const work = isDirect
    ? store.count({ ...asked, filter: both(rule.rows, filter) }, call)
    : counted(store, { ...asked, pipeline: [...narrowing(rule, mayFail(filter)), { $match: filter }] }, call);
  return visible.found(() => [query], work, call);
}

async function counted(
  store: DocumentStore,
  query: Pick<AggregateQuery, 'database' | 'collection' | 'collation' | 'pipeline'>,
  call: Call,
): Promise<number> {
  const pipeline = [...query.pipeline, { $count: 'documents' }];
  const page = await store.aggregate(
    { ...query, pipeline, ahead: pipeline.length, limit: 1, maxBytes: 1_000 },
    call,
  );
  return Number(page.documents[0]?.['documents'] ?? 0);
}

export async function distinct(
  store: DocumentStore,
  visible: Visible,
  query: DistinctQuery,
  call: Call,
): Promise<Values> {
  const { rule, isDirect } = targetOf(visible, query);
  const { filter, key } = query;
  const { hidden, rows } = rule;
  const asked = { ...query, ...visible.askedAs(query) };
  const within = <T>(work: Promise<T>): Promise<T> =>
    visible.found(
      () => [query],
      work.catch((error: unknown) => {
        throw withName(error, absentField, key.split('.').at(-1) ?? key);
      }),
      call,
    );
  const hiddenKey = pathToAbsent(key, hidden, absentField);
  if (isDirect && (hiddenKey !== undefined || !touches([key], hidden))) {
    return within(store.distinct({ ...asked, filter: both(rows, filter), key: hiddenKey ?? key }, call));
  }
  const root = key.split('.')[0] ?? key;
  const pipeline = [
    ...narrowing(rule, mayFail(filter)),
    { $match: filter },
    { $project: { _id: 0, [root]: 1 } },
    // With two fields, since a lone one that is missing would become null.
    { $group: { _id: { [root]: `$${root}`, [`${root}_`]: { $literal: 1 } } } },
  ];
  const { collation } = query;
  const page = await within(
    store.aggregate(
      {
        ...visible.askedAs(query),
        ...(collation && { collation }),
        pipeline,
        ahead: pipeline.length,
        limit: maxDistinctDocuments,
        maxBytes: maxDistinctBytes,
      },
      call,
    ),
  );
  if (page.cappedBy !== undefined) {
    throw new HydrogenError(
      'too_large',
      `"${key}" has too many values to find the distinct ones. Narrow the filter.`,
    );
  }
  const values = distinctValues(
    page.documents.map(({ _id }) => _id as Document),
    key,
    { collation },
  );
  const { documents, cappedBy } = await streamedPage(
    values.map((value) => ({ value })),
    query,
  );
  return { values: documents.map(({ value }) => value), ...(cappedBy && { cappedBy }) };
}

export async function aggregate(
  store: DocumentStore,
  visible: Visible,
  query: AggregateQuery,
  call: Call,
): Promise<Page> {
  const { database, pipeline, collation } = query;
  const rule = ruleFor(visible, query);
  assertCollation(rule, collation);
  const joined = new Set<string>();
  const foreign: Foreign = {
    ruleOf(collection) {
      joined.add(collection);
      const found = ruleFor(visible, { database, collection });
      assertCollation(found, collation);
      return found;
    },
    nameOf: (collection) => visible.askedAs({ database, collection }).collection,
    absentField,
  };
  const whole = narrowed(pipeline, rule, foreign);
  const others = [...joined].map((collection) => ({ database, collection }));
  return visible.found(
    () => [query, ...others],
    store.aggregate(
      { ...query, ...visible.askedAs(query), pipeline: whole, ahead: whole.length - pipeline.length },
      call,
    ),
    call,
  );
}

/** The collections of a pipeline with their rules, that of the target first, and the pipeline as the store is asked. */
export function rulesOfPipeline(
  visible: Visible,
  query: Pick<AggregateQuery, 'database' | 'collection' | 'pipeline'>,
) {
  const rules = [ruleFor(visible, query)];
  const others: Namespace[] = [];
  const foreign: Foreign = {
    ruleOf(collection) {
      const other = { database: query.database, collection };
      others.push(other);
      rules.push(ruleFor(visible, other));
      return plainRule;
    },
    nameOf: (collection) => visible.askedAs({ database: query.database, collection }).collection,
    absentField,
  };
  return { rules, others, pipeline: narrowed(query.pipeline, plainRule, foreign) };
}
