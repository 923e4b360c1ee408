import { THROUGH_ARRAY } from './columns.ts';

/**
 * What SQL can decide about a filter: `certain` implies that a document matches, which implies `possible`. Both are SQL
 * that is 0 or 1, never NULL.
 */
export interface SqlCondition {
  readonly possible: string;
  readonly certain: string;
}

export const ALWAYS: SqlCondition = { possible: '1', certain: '1' };
export const NEVER: SqlCondition = { possible: '0', certain: '0' };
/** For conditions that only the BSON can decide. */
export const UNCERTAIN: SqlCondition = { possible: '1', certain: '0' };

/** SQLite takes expressions up to 1,000 levels deep, and each operator of a chain is a level: long chains are nested. */
const CHAIN = 32;

function nested(terms: readonly string[], word: 'AND' | 'OR'): string {
  if (terms.length <= CHAIN) return `(${terms.join(` ${word} `)})`;
  const size = Math.ceil(terms.length / CHAIN);
  const parts: string[] = [];
  for (let at = 0; at < terms.length; at += size) parts.push(nested(terms.slice(at, at + size), word));
  return `(${parts.join(` ${word} `)})`;
}

function joined(terms: readonly string[], word: 'AND' | 'OR'): string {
  const [neutral, absorbing] = word === 'AND' ? ['1', '0'] : ['0', '1'];
  if (terms.includes(absorbing)) return absorbing;
  const relevant = [...new Set(terms)].filter((term) => term !== neutral);
  const [only] = relevant;
  if (only === undefined) return neutral;
  return relevant.length === 1 ? only : nested(relevant, word);
}

function not(sql: string): string {
  return sql === '1' ? '0' : sql === '0' ? '1' : `(NOT ${sql})`;
}

export function all(conditions: readonly SqlCondition[]): SqlCondition {
  return {
    possible: joined(
      conditions.map(({ possible }) => possible),
      'AND',
    ),
    certain: joined(
      conditions.map(({ certain }) => certain),
      'AND',
    ),
  };
}

export function any(conditions: readonly SqlCondition[]): SqlCondition {
  return {
    possible: joined(
      conditions.map(({ possible }) => possible),
      'OR',
    ),
    certain: joined(
      conditions.map(({ certain }) => certain),
      'OR',
    ),
  };
}

export function negated({ possible, certain }: SqlCondition): SqlCondition {
  return { possible: not(certain), certain: not(possible) };
}

const twoValued = (sql: string): string => (sql === '0' || sql === '1' ? sql : `ifnull(${sql}, 0)`);

/** SQL that is true for the text of an array, and for the placeholder of a value that SQL cannot compare. */
const isArray = (column: string): string => `(${column} >= '[' AND ${column} < '\\')`;

/** What SQL can decide about the elements of an array. */
export interface ElementTest {
  readonly possible: string;
  readonly certain: string;
}

/**
 * A condition on the value of a column.
 * @param match SQL that decides exactly for any value that is neither an array nor unknown
 */
export function onValue(column: string, match: string, elements: ElementTest = UNCERTAIN): SqlCondition {
  const inArray = joined([isArray(column), elements.possible], 'AND');
  const surelyInArray = joined([isArray(column), elements.certain], 'AND');
  return {
    possible: twoValued(joined([match, inArray], 'OR')),
    certain: twoValued(joined([match, surelyInArray], 'OR')),
  };
}

/** A condition that SQL can only deny: never certain. */
export function atMost(column: string, possible: string): SqlCondition {
  return { possible: twoValued(joined([possible, isArray(column)], 'OR')), certain: '0' };
}

/** The field exists, with any value. */
export function present(column: string): SqlCondition {
  const there = `(${column} IS NOT NULL)`;
  return { possible: there, certain: `(${there} AND ${column} <> '${THROUGH_ARRAY}')` };
}

/** Whether an array of scalars contains this text, which is plain ASCII. */
export function hasElement(column: string, quoted: string): ElementTest {
  const found = `instr(${column}, ${quoted}) > 0`;
  // Without nested values and escapes, any quoted text is an element.
  const flat = `instr(${column}, '\\') = 0 AND instr(${column}, '{') = 0 AND instr(substr(${column}, 2), '[') = 0`;
  return { possible: `(${found} OR instr(${column}, '"?"') > 0)`, certain: `(${found} AND ${flat})` };
}
