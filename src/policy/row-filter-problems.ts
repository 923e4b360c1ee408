import { badInput } from '../errors.ts';
import { compileFilter } from '../mql/index.ts';
import { placeholder, withClaims } from './row-filter.ts';

/** Mistyped, it would be compared as it stands: `$ne` would then let everything through. */
const meantAsPlaceholder = /^\$\{?[a-z]/i;

/** What every engine judges alike, by the document alone. */
const operators: ReadonlySet<string> = new Set(
  '$and $or $nor $not $eq $ne $gt $gte $lt $lte $in $nin $exists $type $all $elemMatch $size'.split(' '),
);
/** Values of Extended JSON that a rule may compare with. */
const valueForms: ReadonlySet<string> = new Set([
  '$oid',
  '$date',
  '$numberLong',
  '$numberInt',
  '$numberDouble',
  '$numberDecimal',
  '$uuid',
]);

function checkNames(value: unknown): void {
  if (Array.isArray(value)) for (const item of value) checkNames(item);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      if (key.startsWith('$') && !operators.has(key) && !valueForms.has(key)) {
        throw badInput(`${key} cannot be used in a rule for rows: there are ${[...operators].join(', ')}.`);
      }
      if (key.startsWith('$caller')) throw badInput('$caller stands for a value, not for a field.');
      checkNames(inner);
    }
  } else if (typeof value === 'string' && meantAsPlaceholder.test(value) && !placeholder.test(value)) {
    throw badInput(`"${value}" is not "$caller." with the name of a claim, such as "$caller.tenant".`);
  }
}

/** Stands for every claim while a rule is checked. */
const anyClaim = new Proxy(
  {},
  { getOwnPropertyDescriptor: () => ({ value: 'x', configurable: true }), get: () => 'x' },
);

/** A placeholder that stands where none is filled in: it would be compared as it stands. */
function leftIn(value: unknown): string | undefined {
  if (typeof value === 'string') return placeholder.test(value) ? value : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const inner of Object.values(value)) {
    const left = leftIn(inner);
    if (left !== undefined) return left;
  }
  return undefined;
}

/** @throws HydrogenError `bad_input`, `not_supported` for a filter that cannot be a rule for rows */
export function checkRowFilter(filter: Readonly<Record<string, unknown>>): void {
  if (Object.keys(filter).length === 0) throw badInput('The filter is empty: leave the rule out.');
  checkNames(filter);
  const filled = withClaims(filter, anyClaim);
  const left = leftIn(filled);
  if (left !== undefined) {
    throw badInput(
      `"${left}" cannot be filled in where it stands: compare a field with it, as in {"owner.id": "${left}"}, or list it in $in.`,
    );
  }
  compileFilter(filled);
}
