import {
  type AnalysedQuery,
  analyseQuery,
  type QueryShape,
} from '../../../documents/analysis/analysed-query.ts';
import { type Analysis, analyse } from '../../../documents/analysis/constraints.ts';
import type { Session } from '../../engine/session.ts';
import { type Index, idIndexOf, indexesOf } from '../indexes/definition.ts';
import { countEntries } from './entries.ts';
import { type IndexPlan, type IndexRanges, planIndex } from './index-plan.ts';

/** How a query reads its collection. */
export type Plan =
  | { readonly kind: 'scan' }
  | ({ readonly kind: 'index' } & IndexPlan)
  /** Each branch of an `$or` by an index. */
  | { readonly kind: 'union'; readonly branches: readonly IndexRanges[] };

export interface PlanQuery extends QueryShape {
  /** Maximum number of documents wanted; `Infinity` for all. */
  readonly wanted: number;
}

/** Approximate cost of each, in microseconds, measured on 200,000 orders. */
const cost = { entry: 0.1, document: 9, orderedDocument: 10, scanned: 2.5 };
/** Entries are counted up to this many to compare plans. */
const countCap = 20_000;
/** The share of documents assumed to match where nothing better is known. */
const unknownShare = 0.1;

/** What the collection's indexes can do for the query. */
function plansFor(indexes: readonly Index[], { analysis, sort }: AnalysedQuery): IndexPlan[] {
  return indexes.map((index) => planIndex(index, analysis, sort)).filter((plan) => plan !== undefined);
}

/** Every branch of one `$or` by the index that bounds it best. */
function unionOf(indexes: readonly Index[], analysis: Analysis): readonly IndexRanges[] | undefined {
  for (const alternatives of analysis.alternatives) {
    const branches = alternatives.map((filter) => {
      const plans = plansFor(indexes, { analysis: analyse(filter), sort: [], binary: true });
      return plans.toSorted((a, b) => b.bounded - a.bounded).find((plan) => plan.bounded > 0);
    });
    const all = branches.filter((branch) => branch !== undefined);
    if (all.length === branches.length) return all;
  }
  return undefined;
}

/** The figures by which plans are compared. */
interface Estimates {
  readonly documents: number;
  readonly wanted: number;
  readonly sorted: boolean;
  /** The estimated share of matching documents. */
  readonly share: number;
}

const inOrder = (plan: IndexPlan, sorted: boolean): boolean =>
  !sorted || plan.order !== undefined || plan.oneOrder;

function priceOf(plan: Plan, entries: number, estimates: Estimates): number {
  if (plan.kind === 'index') return indexPrice(plan, entries, estimates);
  const { documents, wanted, sorted, share } = estimates;
  if (plan.kind === 'union') {
    return entries * cost.entry + (sorted ? entries : Math.min(entries, wanted)) * cost.document;
  }
  const read = sorted ? documents : Math.min(documents, wanted / Math.max(share, 1 / documents));
  const matches = Math.min(sorted ? documents : wanted, share * documents);
  return read * cost.scanned + matches * cost.document;
}

function indexPrice(plan: IndexPlan, entries: number, estimates: Estimates): number {
  const { documents, wanted, sorted, share } = estimates;
  const matches = Math.max(1, Math.min(entries, share * documents));
  const needed = plan.exact ? wanted : (wanted * entries) / matches;
  const read = inOrder(plan, sorted) ? Math.min(entries, needed) : entries;
  if (sorted && plan.order) return read * cost.orderedDocument;
  return (plan.wholeKey ? 0 : entries * cost.entry) + read * cost.document;
}

/** Nothing can be much better: it reads only what is wanted. */
function isIdeal(plan: IndexPlan, sorted: boolean, wanted: number): boolean {
  if (!plan.exact) return plan.index.unique && plan.wholeKey && !plan.mayRepeat;
  if (sorted && plan.order) return Number.isFinite(wanted);
  return plan.wholeKey && inOrder(plan, sorted);
}

/** A collection and its number of documents. */
export interface Size {
  readonly id: number;
  readonly documents: number;
}

const allIndexes = (session: Session, collection: number): readonly Index[] => [
  idIndexOf(collection),
  ...indexesOf(session, collection),
];

/** All ways to read a collection for a valid query; they return the same documents. */
export function possiblePlans(session: Session, collection: number, query: PlanQuery): Plan[] {
  const analysed = analyseQuery(query);
  if (!analysed.binary) return [{ kind: 'scan' }];
  const indexes = allIndexes(session, collection);
  const plans = plansFor(indexes, analysed).map((plan): Plan => ({ kind: 'index', ...plan }));
  const branches = unionOf(indexes, analysed.analysis);
  return [{ kind: 'scan' }, ...plans, ...(branches ? [{ kind: 'union', branches } as const] : [])];
}

/** Chooses how to read a collection for a valid query. */
export function choosePlan(session: Session, { id, documents }: Size, query: PlanQuery): Plan {
  const analysed = analyseQuery(query);
  const { wanted } = query;
  const sorted = analysed.sort.length > 0;
  const possible = possiblePlans(session, id, query);
  const ideal = possible.find((plan) => plan.kind === 'index' && isIdeal(plan, sorted, wanted));
  if (ideal) return ideal;
  if (possible.length === 1) return { kind: 'scan' };

  const entriesOf = (ranges: IndexRanges): number => {
    const counted = countEntries(session, ranges, countCap);
    return counted === countCap ? Math.max(countCap, documents / 3) : counted;
  };
  const counted = possible.map((plan) => ({ plan, entries: entriesIn(plan, documents, entriesOf) }));
  const { constraints, complete } = analysed.analysis;
  const bounds = counted.flatMap(({ plan, entries }) => (isBounded(plan) ? [entries] : []));
  const unbounded = complete && constraints.length === 0 ? 1 : unknownShare;
  const share = bounds.length > 0 ? Math.min(...bounds) / Math.max(1, documents) : unbounded;
  const estimates: Estimates = { documents, wanted, sorted, share };
  const priced = counted.map(({ plan, entries }) => ({ plan, price: priceOf(plan, entries, estimates) }));
  return priced.reduce((best, candidate) => (candidate.price < best.price ? candidate : best)).plan;
}

const isBounded = (plan: Plan): boolean =>
  plan.kind === 'union' || (plan.kind === 'index' && plan.bounded > 0);

function entriesIn(plan: Plan, documents: number, entriesOf: (ranges: IndexRanges) => number): number {
  if (plan.kind === 'union') return plan.branches.reduce((sum, branch) => sum + entriesOf(branch), 0);
  return plan.kind === 'index' && plan.bounded > 0 ? entriesOf(plan) : documents;
}

/** A plan whose index yields the number of matches on its own. */
export function exactPlan(session: Session, collection: number, query: PlanQuery): IndexPlan | undefined {
  const analysed = analyseQuery(query);
  if (!analysed.binary) return undefined;
  return plansFor(allIndexes(session, collection), analysed).find((plan) => plan.exact && plan.bounded > 0);
}
