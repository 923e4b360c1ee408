import { HydrogenError, notSupported } from '../../../errors.ts';
import { type Document, leadingMatch } from '../../../mql/index.ts';
import type { ServerSession } from '../../mongodb/server.ts';
import { analyseQuery } from '../analysis/analysed-query.ts';
import { suggestIndex } from '../analysis/suggest.ts';
import type { ExplainQuery, Explanation, IndexEntry } from '../document-store.ts';
import { onCollection, sizeOf } from './collections.ts';
import { listIndexes } from './indexes.ts';

/** Stages of MongoDB's plans in any of its engines (8.0 has EXPRESS_… for single documents). */
const stagesOf = {
  index: /^(IXSCAN|COUNT_SCAN|DISTINCT_SCAN|TEXT_MATCH|TEXT|GEO_NEAR_\w+|EXPRESS_IXSCAN|ixseek|ixscan)$/,
  id: /^(IDHACK|EXPRESS_CLUSTERED_IXSCAN|CLUSTERED_IXSCAN)$/,
  scan: /^(COLLSCAN|scan)$/,
  sort: /^(SORT|\$sort)$/,
} as const;

/** Every stage of a plan, from the root down, over all shards; rejected plans are ignored. */
function* stages(value: unknown): Generator<Document> {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) yield* stages(item);
    return;
  }
  const fields = value as Document;
  if (typeof fields['stage'] === 'string') yield fields;
  for (const [key, inner] of Object.entries(fields)) {
    if (key === 'rejectedPlans' || key === 'command' || key === 'executionStats') continue;
    if (key === '$sort') yield { stage: '$sort' };
    yield* stages(inner);
  }
}

/** The topmost counters of a name at any depth, summed over shards or `$cursor`s. */
function total(value: unknown, name: string): number | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value) && typeof (value as Document)[name] === 'number') {
    return (value as Document)[name] as number;
  }
  const found = Object.values(value)
    .map((inner) => total(inner, name))
    .filter((count) => count !== undefined);
  return found.length > 0 ? found.reduce((sum, count) => sum + count, 0) : undefined;
}

function commandOf({ collection, filter, sort, pipeline, collation }: ExplainQuery): Document {
  const command = pipeline
    ? { aggregate: collection, pipeline: [...pipeline], cursor: {} }
    : { find: collection, filter, ...(sort && { sort }) };
  return { ...command, ...(collation && { collation }) };
}

/** The plan, if it is in MongoDB's own format. */
function readPlan(plan: Document, query: ExplainQuery): Explanation | undefined {
  const all = [...stages(plan)];
  const of = (kind: RegExp): Document | undefined => all.find(({ stage }) => kind.test(String(stage)));
  const [byId, byIndex, scan] = [of(stagesOf.id), of(stagesOf.index), of(stagesOf.scan)];
  if (!byId && !byIndex && !scan && !all.some(({ stage }) => stage === 'EOF')) return undefined;
  const index = byIndex?.['indexName'];
  const isId = byId !== undefined || index === '_id_';
  const sortsInMemory = of(stagesOf.sort) !== undefined;
  const notes = [
    ...(scan && (byIndex || byId) ? ['Part of the query still reads a whole collection.'] : []),
    ...(sortsInMemory ? ['The matches are sorted in memory, not read in order.'] : []),
    ...(query.pipeline && total(plan, 'nReturned') === undefined
      ? ['The server does not count the results of this pipeline.']
      : []),
  ];
  return {
    plan: isId ? 'id' : byIndex ? 'index' : 'collection_scan',
    ...(byIndex && typeof index === 'string' && !isId && { index }),
    documentsExamined: total(plan, 'totalDocsExamined') ?? 0,
    documentsReturned: total(plan, 'nReturned') ?? 0,
    sortsInMemory,
    notes,
  };
}

/** A server whose plan has its own format (FerretDB: SQLite's). */
async function otherPlan(session: ServerSession, plan: Document, query: ExplainQuery): Promise<Explanation> {
  const text = JSON.stringify(plan['queryPlanner'] ?? {});
  const index = /USING (?:COVERING )?INDEX (\S+)/.exec(text)?.[1];
  if (!index && !/SCAN/.test(text)) throw notSupported('explain by this server');
  const { database, collection, sort } = query;
  const filter = query.pipeline ? leadingMatch(query.pipeline).filter : query.filter;
  const target = session.client.db(database).collection(collection);
  const [{ documents }, returned] = await Promise.all([
    sizeOf(session, query),
    target.countDocuments(filter, { ...session.options() }),
  ]);
  return {
    plan: index ? 'index' : 'collection_scan',
    documentsExamined: index ? returned : documents,
    documentsReturned: returned,
    sortsInMemory: sort !== undefined && Object.keys(sort).length > 0,
    notes: [
      'This server reports its plan without counts: all documents of the collection are assumed examined.',
      ...(query.pipeline ? ['Only the reading of the collection is explained, not the stages.'] : []),
    ],
  };
}

/** Reads more documents than it returns, or sorts them: an index could avoid this. */
function isWasteful({ plan, documentsExamined, documentsReturned, sortsInMemory }: Explanation): boolean {
  const most = plan === 'collection_scan' ? documentsReturned : 2 * documentsReturned + 20;
  return sortsInMemory || documentsExamined > most;
}

/** An index that would help; none if only the server understands the query. */
function suggestion(
  { filter, sort, pipeline, collation }: ExplainQuery,
  indexes: readonly IndexEntry[],
): Document | undefined {
  try {
    const leading = pipeline ? leadingMatch(pipeline) : undefined;
    const sorted = leading?.rest[0]?.['$sort'] ?? sort;
    const analysed = analyseQuery({
      filter: leading?.filter ?? filter,
      ...(sorted !== undefined && { sort: sorted as Document }),
      collation,
    });
    const fields = indexes.map(({ key }) => ({
      fields: Object.entries(key).map(([path, way]) => ({
        path,
        direction: Number(way) < 0 ? (-1 as const) : (1 as const),
      })),
    }));
    return suggestIndex(analysed, fields);
  } catch (error) {
    if (error instanceof HydrogenError) return undefined;
    throw error;
  }
}

/**
 * How the server answers a query, from its `explain` with a real run.
 * @throws HydrogenError `not_supported` where the server has none
 */
export async function explain(session: ServerSession, query: ExplainQuery): Promise<Explanation> {
  const { options, client } = session;
  const { result } = await onCollection(session, query, async () => {
    const { maxTimeMS, signal, readPreference } = options();
    const command = { ...commandOf(query), ...(maxTimeMS !== undefined && { maxTimeMS }) };
    const plan = await client.db(query.database).command(
      {
        explain: command,
        verbosity: 'executionStats',
        ...(maxTimeMS !== undefined && { maxTimeMS }),
      },
      { signal, ...(readPreference && { readPreference }) },
    );
    return readPlan(plan, query) ?? (await otherPlan(session, plan, query));
  });
  if (!isWasteful(result)) return result;
  const better = suggestion(query, await listIndexes(session, query));
  return { ...result, ...(better && { suggestion: better }) };
}
