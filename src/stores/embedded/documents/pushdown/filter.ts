import type { Document } from '../../../../mql/index.ts';
import { isOperatorDocument } from '../../../../mql/query/array.ts';
import { getField, isDocument } from '../../../../mql/values/fields.ts';
import { type Columns, createParameters, type Parameter, type Parameters } from './columns.ts';
import { ALWAYS, all, any, negated, type SqlCondition, UNCERTAIN } from './condition.ts';
import { fieldCondition, implicitEquality } from './operators.ts';

/** One condition of a filter, and the columns it uses (see `Columns.sql`). */
interface Step extends SqlCondition {
  readonly columns: string;
}

/** A filter as far as SQL can evaluate it. */
export interface SqlFilter {
  /**
   * Conditions that must all hold, in order, so that the columns of a step are only read where the previous one held.
   */
  readonly steps: readonly Step[];
  readonly parameters: Record<string, Parameter>;
  /** True when the SQL decides for every document, whatever its content, whether it matches. */
  readonly exact: boolean;
  /** True when no document can match. */
  readonly never: boolean;
}

const MAX_DEPTH = 20;
const MAX_STEPS = 8;

function branches(operand: unknown, columns: Columns, depth: number): SqlCondition[] {
  if (!Array.isArray(operand)) return [UNCERTAIN];
  return operand.map((branch) =>
    isDocument(branch) ? filterCondition(branch, columns, depth + 1) : UNCERTAIN,
  );
}

function entryCondition(name: string, operand: unknown, columns: Columns, depth: number): SqlCondition {
  switch (name) {
    case '$and':
      return all(branches(operand, columns, depth));
    case '$or':
      return any(branches(operand, columns, depth));
    case '$nor':
      return negated(any(branches(operand, columns, depth)));
    case '$comment':
      return ALWAYS;
    default:
  }
  const column = name.startsWith('$') ? undefined : columns.of(name);
  if (column === undefined) return UNCERTAIN;
  return isOperatorDocument(operand)
    ? fieldCondition(column, operand as Document, columns)
    : implicitEquality(column, operand, columns);
}

function filterCondition(filter: Document, columns: Columns, depth: number): SqlCondition {
  if (depth > MAX_DEPTH) return UNCERTAIN;
  return all(Object.keys(filter).map((name) => entryCondition(name, getField(filter, name), columns, depth)));
}

type Entry = readonly [name: string, operand: unknown];

/** The conditions of a filter, with the branches of $and separated. */
function demands(filter: Document, depth = 0): Entry[] {
  return Object.keys(filter).flatMap((name): Entry[] => {
    const operand = getField(filter, name);
    if (name !== '$and' || depth > MAX_DEPTH || !Array.isArray(operand)) return [[name, operand]];
    return operand.filter(isDocument).flatMap((branch) => demands(branch, depth + 1));
  });
}

// Equality is the most selective and the cheapest, so it comes first.
const isEquality = ([name, operand]: Entry): boolean => !name.startsWith('$') && !isOperatorDocument(operand);

function stepOf(entries: readonly Entry[], parameters: Parameters): Step {
  const columns = parameters.columns();
  const condition = all(entries.map(([name, operand]) => entryCondition(name, operand, columns, 0)));
  return { ...condition, columns: columns.sql() };
}

/** The parameters still used in the SQL: binding others is an error. */
function mentioned(values: Parameters['values'], steps: readonly Step[]): Parameters['values'] {
  const sql = steps.map(({ possible, certain }) => `${possible} ${certain}`).join(' ');
  const names = new Set(Array.from(sql.matchAll(/\$(p\d+)/g), ([, name]) => name));
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.has(name)));
}

/**
 * Turns a valid filter without collation into SQL over `documents.fields`. The SQL never excludes a matching document;
 * what it cannot decide is left to the filter itself.
 */
export function sqlFilter(filter: Document): SqlFilter {
  const parameters = createParameters();
  const entries = demands(filter);
  const ordered = [...entries.filter(isEquality), ...entries.filter((entry) => !isEquality(entry))];
  const groups = ordered.slice(0, MAX_STEPS - 1).map((entry) => [entry]);
  const rest = ordered.slice(MAX_STEPS - 1);
  const steps = [...groups, rest].map((group) => stepOf(group, parameters));
  return {
    steps: steps.filter(({ possible, certain }) => possible !== '1' || certain !== '1'),
    parameters: mentioned(parameters.values, steps),
    exact: steps.every(({ possible, certain }) => possible === certain),
    never: steps.some(({ possible }) => possible === '0'),
  };
}
