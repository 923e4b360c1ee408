import { badInput } from '../../errors.ts';

/** Maximum bytes of a pattern, MongoDB's own limit (`RegexMatchExpression::kMaxPatternSize`). */
const MAX_PATTERN = 32_764;

/** @throws HydrogenError bad_input for a pattern larger than MongoDB allows */
export function assertPatternSize(pattern: string, max = MAX_PATTERN): void {
  if (Buffer.byteLength(pattern) <= max) return;
  throw badInput(
    `A regular expression may be ${max.toLocaleString('en')} bytes. Use $in for a list of values.`,
  );
}
