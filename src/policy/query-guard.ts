import { HydrogenError } from '../errors.ts';

const javascript = new Set(['$where', '$function', '$accumulator']);
const writing = new Set(['$out', '$merge']);
/** As deep as MongoDB lets a document be. */
const maxDepth = 100;

function refuse(message: string): never {
  throw new HydrogenError('not_allowed', message);
}

function check(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > maxDepth) refuse(`The query is nested more than ${maxDepth} levels deep. Write it flatter.`);
  if (Array.isArray(value)) {
    for (const item of value) check(item, depth + 1);
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    // Compatibility forms of "$" and invisible characters must not hide an operator.
    const name = key.normalize('NFKC').replace(/[\p{Cf}\s]/gu, '');
    if (javascript.has(name)) {
      refuse(`${name} is refused: no JavaScript is run from a query. Use $expr with aggregation operators.`);
    }
    if (writing.has(name)) {
      refuse(`${name} is refused: queries here only read. Leave the stage out to get the documents back.`);
    }
    check(inner, depth + 1);
  }
}

/**
 * Refuses what a read must never do, wherever it hides: JavaScript operators and stages that write.
 * A document with such a field name as data cannot be asked for either: that is the price.
 * @throws HydrogenError `not_allowed` naming the operator.
 */
export function guardQuery(...parts: readonly unknown[]): void {
  for (const part of parts) check(part, 0);
}
