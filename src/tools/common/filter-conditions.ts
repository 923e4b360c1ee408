import type { Document } from '../../mql/formats.ts';

/** Fields and values of a query that are checked for a hint: more would reveal nothing new. */
export const maxHinted = 200;

/** A field in a filter, and a plain value it is compared to. */
export interface FieldCondition {
  readonly path: string;
  readonly value?: unknown;
  readonly operator?: string;
  /** True when the field must equal the value. */
  readonly isEquality?: boolean;
}

export const isPlain = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

const equal = new Set(['$eq', '$in']);
const compared = new Set(['$gt', '$gte', '$lt', '$lte', '$regex']);

function* conditionsOn(path: string, condition: Document): Generator<FieldCondition> {
  for (const [operator, value] of Object.entries(condition)) {
    if (operator === '$elemMatch' && isPlain(value)) yield* conditionsOf(value, `${path}.`);
    const isEquality = equal.has(operator);
    if (!isEquality && !compared.has(operator)) continue;
    for (const item of Array.isArray(value) ? value : [value])
      yield { path, value: item, operator, isEquality };
  }
}

/** The conditions of a filter in order, including those in `$and` and its kin and `$elemMatch`; not `$expr`. */
export function* conditionsOf(filter: Document, within = ''): Generator<FieldCondition> {
  for (const [name, condition] of Object.entries(filter)) {
    if (name.startsWith('$')) {
      if (Array.isArray(condition))
        for (const inner of condition) if (isPlain(inner)) yield* conditionsOf(inner, within);
      continue;
    }
    const path = within + name;
    yield { path };
    if (isPlain(condition)) yield* conditionsOn(path, condition);
    else yield { path, value: condition, operator: '$eq', isEquality: true };
  }
}
