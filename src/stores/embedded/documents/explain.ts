import { compileFilter, leadingMatch } from '../../../mql/index.ts';
import { isDocument } from '../../../mql/values/fields.ts';
import { analyseQuery } from '../../documents/analysis/analysed-query.ts';
import { suggestIndex } from '../../documents/analysis/suggest.ts';
import type { ExplainQuery, Explanation } from '../../documents/document-store.ts';
import type { Session } from '../engine/session.ts';
import { runPipeline } from './aggregate.ts';
import { type CollectionRow, requireCollection } from './collections.ts';
import { indexesOf } from './indexes/definition.ts';
import { choosePlan, exactPlan, type Plan, type PlanQuery } from './plan/choose.ts';
import { type Reading, readInOrder, readMatches } from './plan/read.ts';

/** A sorted query is assumed to be read in pages of about this many documents. */
const pageSize = 100;

/** What running the query showed. */
interface Run {
  readonly plan: Plan;
  readonly query: PlanQuery;
  readonly examined: number;
  readonly returned: number;
  readonly sortsInMemory: boolean;
}

const isInOrder = (plan: Plan): boolean =>
  plan.kind === 'index' && (plan.oneOrder || plan.order !== undefined);

function count(items: Iterable<unknown>): number {
  let counted = 0;
  for (const _item of items) counted++;
  return counted;
}

function runFind(session: Session, collection: CollectionRow, request: ExplainQuery): Run {
  const { filter, collation } = request;
  const sort = request.sort && Object.keys(request.sort).length > 0 ? request.sort : undefined;
  const matches = compileFilter(filter, { collation });
  const query = { filter, sort, collation, wanted: sort ? pageSize : Number.POSITIVE_INFINITY };
  const plan = choosePlan(session, collection, query);
  const tally = { examined: 0 };
  const reading: Reading = { collection: collection.id, filter, matches, collation, tally };
  const read =
    plan.kind === 'index' && plan.order
      ? readInOrder(session, { ...plan, order: plan.order }, reading, undefined)
      : readMatches(session, plan, reading);
  const returned = count(read);
  const examined = plan.kind === 'scan' ? collection.documents : tally.examined;
  return { plan, query, examined, returned, sortsInMemory: sort !== undefined && !isInOrder(plan) };
}

function runStages(session: Session, collection: CollectionRow, request: ExplainQuery): Run {
  const { database, collation, pipeline = [] } = request;
  const tally = { examined: 0 };
  const { source, results } = runPipeline(
    session,
    collection,
    { database, pipeline, ...(collation && { collation }) },
    Number.POSITIVE_INFINITY,
    tally,
  );
  const returned = count(results);
  const { filter, rest } = leadingMatch(pipeline);
  const sort = rest[0]?.['$sort'];
  return {
    plan: source.plan,
    query: { filter, ...(isDocument(sort) && { sort }), collation, wanted: Number.POSITIVE_INFINITY },
    examined: source.plan.kind === 'scan' ? collection.documents : tally.examined,
    returned,
    sortsInMemory:
      source.rest.some((stage) => '$sort' in stage) || (isDocument(sort) && !isInOrder(source.plan)),
  };
}

function nameOf(plan: Plan): Pick<Explanation, 'plan' | 'index'> {
  if (plan.kind === 'scan') return { plan: 'collection_scan' };
  const indexes = plan.kind === 'index' ? [plan.index] : plan.branches.map(({ index }) => index);
  if (indexes.every(({ id }) => id === 0)) return { plan: 'id' };
  return { plan: 'index', index: [...new Set(indexes.map(({ name }) => name))].join(', ') };
}

function notesOn(session: Session, collection: CollectionRow, run: Run): string[] {
  const { plan, query, sortsInMemory } = run;
  const notes: string[] = [];
  if (plan.kind === 'union') notes.push('Each branch of $or is answered by an index.');
  if (plan.kind === 'scan' && query.collation) {
    notes.push('With a collation no index is used: indexes order strings by their bytes.');
  }
  if (sortsInMemory) notes.push('The matches are sorted in memory, not read in order.');
  const unbounded = plan.kind === 'index' && plan.bounded === 0;
  if (unbounded) notes.push('The index only provides the order: no filter condition bounds it.');
  if (exactPlan(session, collection.id, query)) {
    notes.push('A count with this filter is answered by an index alone.');
  }
  return notes;
}

/** Sorts in memory, or reads far more documents than it returns: an index could avoid this. */
function isWasteful({ plan, examined, returned, sortsInMemory }: Run): boolean {
  return sortsInMemory || (plan.kind === 'scan' ? examined > returned : examined > 2 * returned + 20);
}

/**
 * Runs the query to its end to report how it is answered.
 * @throws HydrogenError as the query would
 */
export function explain(session: Session, request: ExplainQuery): Explanation {
  const collection = requireCollection(session, request);
  const run = request.pipeline
    ? runStages(session, collection, request)
    : runFind(session, collection, request);
  const indexes = indexesOf(session, collection.id);
  const suggestion = isWasteful(run) ? suggestIndex(analyseQuery(run.query), indexes) : undefined;
  return {
    ...nameOf(run.plan),
    documentsExamined: run.examined,
    documentsReturned: run.returned,
    sortsInMemory: run.sortsInMemory,
    ...(suggestion && { suggestion }),
    notes: notesOn(session, collection, run),
  };
}
