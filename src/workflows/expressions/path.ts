import { expressionFault } from '../faults.ts';

function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function take(value: unknown, key: string | number): unknown {
  if (value === null || value === undefined) return null;
  if (typeof key === 'number') {
    if (!Array.isArray(value)) throw expressionFault(`Cannot index ${typeName(value)} with number (${key})`);
    return value.at(key) ?? null;
  }
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw expressionFault(`Cannot index ${typeName(value)} with string ("${key}")`);
  }
  return Object.hasOwn(value, key) ? ((value as Record<string, unknown>)[key] ?? null) : null;
}

/**
 * Follows a path as jq 1.8 does: null yields null, a missing field or element yields null, negative indexes count from
 * the end, anything else is an error.
 * @throws HydrogenError an expression fault
 */
export function followPath(root: unknown, steps: readonly (string | number)[]): unknown {
  let value: unknown = root ?? null;
  for (const key of steps) value = take(value, key);
  return value;
}
