import type { Document } from '../../../mql/index.ts';
import { parseSort, type SortField } from '../../../mql/sort/comparator.ts';
import { createOrdering } from '../../../mql/values/collation.ts';
import { type Analysis, analyse } from './constraints.ts';

/** The parts of a query that decide how it can be answered. */
export interface QueryShape {
  readonly filter: Document;
  readonly sort?: Document | undefined;
  readonly collation?: Document | undefined;
}

/** A valid query, as the planner sees it. */
export interface AnalysedQuery {
  readonly analysis: Analysis;
  readonly sort: readonly SortField[];
  /** Strings compare by their bytes, as in an index. */
  readonly binary: boolean;
}

/** @throws HydrogenError for an invalid sort or collation */
export function analyseQuery({ filter, sort, collation }: QueryShape): AnalysedQuery {
  return {
    analysis: analyse(filter),
    sort: sort ? parseSort(sort) : [],
    binary: createOrdering(collation).binary,
  };
}
