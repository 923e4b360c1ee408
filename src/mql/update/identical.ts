import { compareValues } from '../values/compare.ts';
import { getField, isDocument } from '../values/fields.ts';
import { T, typeNumber } from '../values/types.ts';

/** True if two values would be stored as the same bytes, including types and field order. */
export function identical(a: unknown, b: unknown): boolean {
  if (a === b) return a !== 0 || Object.is(a, b);
  const type = typeNumber(a);
  if (type !== typeNumber(b)) return false;
  if (type === T.array) {
    const [x, y] = [a as unknown[], b as unknown[]];
    return x.length === y.length && x.every((item, i) => identical(item, y[i]));
  }
  if (isDocument(a) && isDocument(b)) {
    const [x, y] = [Object.keys(a), Object.keys(b)];
    return (
      x.length === y.length &&
      x.every((name, i) => name === y[i] && identical(getField(a, name), getField(b, name)))
    );
  }
  if (type === T.decimal) return String(a) === String(b);
  return compareValues(a, b) === 0;
}
