import { badInput } from '../../errors.ts';
import { rootScope } from '../expressions/compile.ts';
import type { Scope } from '../expressions/scope.ts';
import { IN_TEXT, refusedOrUnknown } from '../names.ts';
import { type Document, MAX_DEPTH } from '../types.ts';
import { normalize } from '../values/clone.ts';
import { createOrdering } from '../values/collation.ts';
import { getField, isDocument, isReferenceField } from '../values/fields.ts';
import { array, isOperatorDocument } from './array.ts';
import { comparison, implicitEquality } from './comparison.ts';
import { type Condition, conjunction, every, type Matcher } from './condition.ts';
import type { FieldOperator, QueryContext, TopOperator } from './context.ts';
import { element } from './element.ts';
import { evaluation } from './evaluation.ts';
import { geo } from './geo.ts';
import { fieldLogical, topLogical } from './logical.ts';

const FIELD: { readonly [name: string]: FieldOperator } = {
  ...comparison,
  ...element,
  ...array,
  ...evaluation,
  ...fieldLogical,
  ...geo,
};
const TOP: { readonly [name: string]: TopOperator } = topLogical;

const JAVASCRIPT = 'JavaScript is never run; use $expr with expression operators';
const GEO = 'geospatial queries need a MongoDB server';
/** MongoDB operators that are not implemented, with what to do instead. */
export const REFUSED_QUERY: { readonly [name: string]: string } = {
  $where: JAVASCRIPT,
  $text: IN_TEXT,
  $near: GEO,
  $nearSphere: GEO,
  $geoIntersects: GEO,
  $within: GEO,
};

/** The names of all query operators. */
export const queryOperators: readonly string[] = [...Object.keys(FIELD), ...Object.keys(TOP)];

export interface FilterOptions {
  readonly collation?: Document | undefined;
  /** The value of `$$NOW` in `$expr`; the time of the call by default. */
  readonly now?: Date;
}

/**
 * Compiles a MongoDB filter. Everything in it is checked now, not when documents are matched.
 * @throws HydrogenError bad_input for an invalid filter, not_supported for unimplemented operators
 */
export function compileFilter(filter: Document, options: FilterOptions = {}): (doc: Document) => boolean {
  const matches = compileMatcher(filter, options);
  return (doc) => matches(doc, undefined);
}

/** As `compileFilter`, for callers that need the index of the matched array element. */
export function compileMatcher(filter: Document, options: FilterOptions = {}): Matcher {
  return compileScopedFilter(filter, scopeOf(options));
}

/** Compiles a filter inside a pipeline, whose variables `$expr` may use. */
export function compileScopedFilter(filter: Document, scope: Scope): Matcher {
  return compileAll(normalize(filter), contextAt(scope, 0));
}

/** Compiles operators that apply to a single value, such as `{$gte: 5}`. */
export function compileOperators(operators: Document, options: FilterOptions = {}): Condition {
  return contextAt(scopeOf(options), 0).operators(normalize(operators));
}

/** The scope of a query outside a pipeline. */
export function scopeOf({ now, collation }: FilterOptions): Scope {
  return rootScope({ now: now ?? new Date(), ordering: createOrdering(collation) });
}

function contextAt(scope: Scope, depth: number, inElement = false): QueryContext {
  if (depth > MAX_DEPTH) throw badInput(`The filter is nested more than ${MAX_DEPTH} levels deep.`);
  return {
    ordering: scope.ordering,
    scope,
    inElement,
    filter: (filter) => compileAll(filter, contextAt(scope, depth + 1, inElement)),
    elementFilter: (filter) => compileAll(filter, contextAt(scope, depth + 1, true)),
    operators: (operators) => compileOperatorDocument(operators, contextAt(scope, depth + 1, inElement)),
  };
}

function compileAll(filter: Document, context: QueryContext): Matcher {
  if (!isDocument(filter)) throw badInput('A filter must be a document, as in {status: "open"}.');
  return every(Object.keys(filter).map((name) => compileEntry(name, getField(filter, name), context)));
}

function compileEntry(name: string, operand: unknown, context: QueryContext): Matcher {
  if (!name.startsWith('$') || (context.inElement && isReferenceField(name))) {
    return compileField(operand, context).at(name);
  }
  const operator = Object.hasOwn(TOP, name) ? TOP[name] : undefined;
  if (operator !== undefined) return operator(operand, context);
  if (Object.hasOwn(FIELD, name)) {
    throw badInput(`${name} belongs to a field, as in {price: {${name}: …}}; it cannot be at the top.`);
  }
  throw refusedOrUnknown('query operator', name, queryOperators, REFUSED_QUERY);
}

function compileField(operand: unknown, context: QueryContext): Condition {
  if (isDocument(operand) && isOperatorDocument(operand)) return compileOperatorDocument(operand, context);
  return implicitEquality(operand, context, {});
}

function compileOperatorDocument(operators: Document, context: QueryContext): Condition {
  const conditions: Condition[] = [];
  for (const name of Object.keys(operators)) {
    if (name === '$comment') continue;
    const operator = Object.hasOwn(FIELD, name) ? FIELD[name] : undefined;
    if (operator === undefined) throw refusedOrUnknown('query operator', name, queryOperators, REFUSED_QUERY);
    conditions.push(operator(getField(operators, name), context, operators));
  }
  return conjunction(conditions);
}
