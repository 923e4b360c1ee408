import { type Document, fromExtendedJson } from '../mql/formats.ts';

// The filters of rules for rows, as the settings write them. A value `$caller.name` stands for a claim of the caller.

export const placeholder = /^\$caller\.([\w:./@-]{1,200})$/;

const listOperators: ReadonlySet<string> = new Set(['$in', '$nin', '$all']);
/** No document matches it. */
const noRows: Document = { _id: { $in: [] } };

type Claims = Readonly<Record<string, unknown>>;
type Scalar = string | number | boolean;

const isScalar = (value: unknown): value is Scalar =>
  typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);

/** The values of a claim; undefined where there is none that a filter may compare with. */
function valuesOf(name: string, claims: Claims): readonly Scalar[] | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.length > 0 && values.every(isScalar) ? values : undefined;
}

class ClaimMissing extends Error {}

function claimed(name: string, claims: Claims): readonly Scalar[] {
  const values = valuesOf(name, claims);
  if (!values) throw new ClaimMissing(name);
  return values;
}

const nameIn = (value: unknown): string | undefined =>
  typeof value === 'string' ? placeholder.exec(value)?.[1] : undefined;

/** A claim with several values equals any of them. */
function equal(values: readonly Scalar[]): unknown {
  return values.length === 1 ? values[0] : { $in: [...values] };
}

function fillCondition(condition: unknown, claims: Claims): unknown {
  const name = nameIn(condition);
  if (name !== undefined) return equal(claimed(name, claims));
  if (typeof condition !== 'object' || condition === null || Array.isArray(condition)) return condition;
  return Object.fromEntries(
    Object.entries(condition).map(([operator, value]): [string, unknown] => {
      const claim = nameIn(value);
      if (claim === undefined) return [operator, fillValue(operator, value, claims)];
      const values = claimed(claim, claims);
      if (listOperators.has(operator)) return [operator, [...values]];
      if (operator === '$eq') return values.length === 1 ? ['$eq', values[0]] : ['$in', [...values]];
      if (operator === '$ne') return values.length === 1 ? ['$ne', values[0]] : ['$nin', [...values]];
      if (values.length > 1) throw new ClaimMissing(claim);
      return [operator, values[0]];
    }),
  );
}

function fillValue(operator: string, value: unknown, claims: Claims): unknown {
  if (operator === '$not' || operator === '$elemMatch') return fillMixed(value, claims);
  if (!listOperators.has(operator) || !Array.isArray(value)) return value;
  return value.flatMap((item: unknown) => {
    const name = nameIn(item);
    return name === undefined ? [item] : [...claimed(name, claims)];
  });
}

/** The operand of `$elemMatch` and `$not`: conditions, or a filter. */
function fillMixed(value: unknown, claims: Claims): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const isFilter = Object.keys(value).every((key) => !key.startsWith('$') || /^\$(and|or|nor)$/.test(key));
  return isFilter ? fillFilter(value as Document, claims) : fillCondition(value, claims);
}

function fillFilter(filter: Document, claims: Claims): Document {
  return Object.fromEntries(
    Object.entries(filter).map(([key, value]): [string, unknown] =>
      key.startsWith('$') && Array.isArray(value)
        ? [key, value.map((part: unknown) => fillFilter(part as Document, claims))]
        : [key, fillCondition(value, claims)],
    ),
  );
}

/**
 * The filter with the caller's claims in it. Where one is missing, or is no value that can be compared with, no document
 * matches.
 */
export function withClaims(filter: Readonly<Record<string, unknown>>, claims: Claims = {}): Document {
  try {
    return fromExtendedJson(fillFilter(filter as Document, claims)) as Document;
  } catch (error) {
    if (error instanceof ClaimMissing) return noRows;
    throw error;
  }
}
