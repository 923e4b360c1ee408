import type { Document } from '../types.ts';
import { compilePath } from '../values/paths.ts';

/** Filled by a match: the index in the outermost array whose element matched, for the positional `$`. */
export interface MatchDetails {
  index: number;
}

/** Does the document match? */
export type Matcher = (doc: Document, details: MatchDetails | undefined) => boolean;

/** Does one value, `undefined` for a missing field, pass? */
export type Test = (value: unknown, details: MatchDetails | undefined) => boolean;

/** The test of an operator: on the values that a path leads to, or on a single value. */
export interface Condition {
  at(path: string): Matcher;
  readonly value: Test;
}

/** A condition that holds if any value on the path passes; with `openLeaf`, array elements are values too. */
export function leaf(test: Test, openLeaf: boolean): Condition {
  return {
    value: test,
    at(path) {
      const walk = compilePath(path, openLeaf);
      const visit = (value: unknown): boolean => test(value, undefined);
      return (doc, details) => {
        if (details === undefined) return walk(doc, visit);
        return walk(doc, (value, outer) => {
          if (!test(value, details)) return false;
          if (outer >= 0) details.index = outer;
          return true;
        });
      };
    },
  };
}

export function negation(condition: Condition): Condition {
  return {
    value: (value) => !condition.value(value, undefined),
    at(path) {
      const matches = condition.at(path);
      return (doc) => !matches(doc, undefined);
    },
  };
}

export function conjunction(conditions: readonly Condition[]): Condition {
  if (conditions.length === 1) return conditions[0] as Condition;
  return {
    value: (value, details) => conditions.every((condition) => condition.value(value, details)),
    at: (path) => every(conditions.map((condition) => condition.at(path))),
  };
}

/** All matchers must match. */
export function every(matchers: readonly Matcher[]): Matcher {
  if (matchers.length === 1) return matchers[0] as Matcher;
  return (doc, details) => {
    for (const matches of matchers) if (!matches(doc, details)) return false;
    return true;
  };
}
