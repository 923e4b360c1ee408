import type { Columns } from './columns.ts';
import { atMost, type SqlCondition } from './condition.ts';
import { ofType } from './operands.ts';
import { TAG } from './scalars.ts';

/** Literal characters that a match must begin with; empty when unknown. */
function literalPrefix(pattern: string, options: string): string {
  if (/[imx]/.test(options) || !pattern.startsWith('^') || pattern.includes('|')) return '';
  const literal = /^[^\\^$.*+?()[\]{}|#\s]*/u.exec(pattern.slice(1))?.[0] ?? '';
  const next = pattern[1 + literal.length];
  // A quantifier applies to the last character.
  const prefix = next !== undefined && '*+?{'.includes(next) ? [...literal].slice(0, -1).join('') : literal;
  return prefix.isWellFormed() && !prefix.includes('\0') ? prefix : '';
}

/** A regular expression: SQL can check the type and the literal beginning of the string. */
export function regexCondition(
  column: string,
  pattern: string,
  options: string,
  columns: Columns,
): SqlCondition {
  const prefix = literalPrefix(pattern, options);
  const strings =
    prefix === ''
      ? ofType(column, TAG.string)
      : `substr(${column}, 1, ${1 + [...prefix].length}) = ${columns.parameter(TAG.string + prefix)}`;
  // A stored regular expression may equal this one.
  return atMost(column, `(${strings} OR ${column} = '${TAG.other}')`);
}
