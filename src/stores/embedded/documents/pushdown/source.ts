import { compileFilter, type Document, leadingMatch } from '../../../../mql/index.ts';
import { isDocument } from '../../../../mql/values/fields.ts';
import { integer, toInteger } from '../../../../mql/values/numbers.ts';
import type { Session } from '../../engine/session.ts';
import { choosePlan, type Plan, type Size } from '../plan/choose.ts';
import { type Reading, readMatches } from '../plan/read.ts';
import { readSorted, type SortedReading } from '../plan/sorted.ts';
import { countMatching } from './count.ts';
import { fieldsRead } from './dependencies.ts';
import { scan } from './scan.ts';

/** What a pipeline reads first, and the stages that remain to be run on it. */
export interface PipelineSource {
  readonly plan: Plan;
  readonly documents: () => Iterable<Document>;
  readonly rest: readonly Document[];
}

export interface SourceQuery {
  /** A valid pipeline. */
  readonly pipeline: readonly Document[];
  readonly collation?: Document | undefined;
  /** The maximum number of results wanted. */
  readonly wanted: number;
  /** The value of $$NOW. */
  readonly now: Date;
  /** Counts the documents that an index leads to. */
  readonly tally?: Reading['tally'];
}

/** How many documents the initial $skip and $limit stages let through; `Infinity` without $limit. */
function limitOf(stages: readonly Document[]): number {
  let skipped = 0;
  for (const stage of stages) {
    const count = Number(toInteger(stage['$skip'] ?? stage['$limit']) ?? -1n);
    if (count < 0) break;
    if ('$limit' in stage) return skipped + count;
    skipped += count;
  }
  return Number.POSITIVE_INFINITY;
}

/** Stages that output exactly one document for each input. */
const ONE_EACH = ['$project', '$addFields', '$set', '$unset', '$replaceRoot', '$replaceWith', '$lookup'];

const isOneEach = (stage: Document): boolean => ONE_EACH.includes(Object.keys(stage)[0] ?? '');

/** The matching documents in insertion order; where possible, only the wanted fields. */
export function matchingFields(
  session: Session,
  collection: Size,
  query: {
    readonly filter: Document;
    readonly collation?: Document | undefined;
    readonly fields: readonly string[] | undefined;
  },
): Iterable<Document> {
  const { filter, collation, fields } = query;
  const matches = compileFilter(filter, { collation });
  const plan = choosePlan(session, collection, { filter, collation, wanted: Number.POSITIVE_INFINITY });
  return read(session, plan, { collection: collection.id, filter, matches, collation }, fields);
}

function read(
  session: Session,
  plan: Plan,
  reading: Reading,
  fields: readonly string[] | undefined,
): Iterable<Document> {
  const found: Iterable<{ readonly document: Document }> =
    plan.kind === 'scan' && reading.collation === undefined
      ? scan(session, { ...reading, fields })
      : readMatches(session, plan, reading);
  return Iterator.from(found).map(({ document }) => document);
}

function* counted(session: Session, collection: Size, query: SourceQuery, name: string): Generator<Document> {
  const { filter } = leadingMatch(query.pipeline);
  const count = countMatching(session, collection, { filter, collation: query.collation });
  if (count > 0) yield Object.fromEntries([[name, integer(BigInt(count))]]);
}

/** Splits a pipeline into what the store answers itself, by an index or SQL, and the stages that remain. */
export function pipelineSource(session: Session, collection: Size, query: SourceQuery): PipelineSource {
  const { pipeline, collation, now } = query;
  const { filter, rest } = leadingMatch(pipeline);
  const matches = compileFilter(filter, { collation, now });
  const reading = { collection: collection.id, filter, matches, collation, tally: query.tally };
  const [first = {}] = rest;
  const sort = isDocument(first['$sort']) ? first['$sort'] : undefined;
  const behind = sort ? rest.slice(1) : rest;
  const passed = behind.every(isOneEach) ? query.wanted : Number.POSITIVE_INFINITY;
  const wanted = Math.min(limitOf(behind), passed);
  const plan = choosePlan(session, collection, { filter, sort, collation, wanted });

  if (typeof first['$count'] === 'string') {
    const name = first['$count'];
    return { plan, documents: () => counted(session, collection, query, name), rest: rest.slice(1) };
  }
  const inOrder = plan.kind === 'index' && (plan.oneOrder || plan.order !== undefined);
  if (sort && (inOrder || Number.isFinite(wanted))) {
    return { plan, documents: () => sorted(session, plan, reading, { sort, wanted }), rest: behind };
  }
  return { plan, documents: () => read(session, plan, reading, fieldsRead(rest)), rest };
}

function* sorted(session: Session, plan: Plan, reading: Reading, query: SortedReading): Generator<Document> {
  for (const { document } of readSorted(session, plan, reading, query)) yield document;
}
