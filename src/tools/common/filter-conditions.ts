import type { Document } from '../../mql/formats.ts';

/** Of the fields and values of a query so many are looked at for a hint: more would tell nothing else. */
export const maxHinted = 200;

/** A field that a filter asks for, and a plain value that it is compared to. */
export interface FieldCondition {
  readonly path: string;
  readonly value?: unknown;
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
    for (const item of Array.isArray(value) ? value : [value]) yield { path, value: item, isEquality };
  }
}

/** The conditions of a filter in their order, below `$and` and its kin and `$elemMatch` too; not `$expr`. */
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
    else yield { path, value: condition, isEquality: true };
  }
}
