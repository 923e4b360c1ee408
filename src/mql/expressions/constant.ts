import { isDocument } from '../values/fields.ts';

/** A constant string, plain or as {$literal: "$price"}; `undefined` for anything else. */
export function constantText(value: unknown): string | undefined {
  if (typeof value === 'string') return value.startsWith('$') ? undefined : value;
  if (!isDocument(value)) return undefined;
  const literal = value['$literal'] ?? value['$const'];
  return Object.keys(value).length === 1 && typeof literal === 'string' ? literal : undefined;
}

/** True if any part of the expression reads a field of the document. */
export function readsFields(value: unknown): boolean {
  if (typeof value === 'string') return /^\$([^$]|\$(ROOT|CURRENT)\b)/.test(value);
  if (Array.isArray(value)) return value.some(readsFields);
  if (!isDocument(value) || Object.hasOwn(value, '$literal')) return false;
  return Object.keys(value).some((name) => readsFields(value[name]));
}

/**
 * Operators that are computed while an expression is compiled, where all their operands are constants. Only those that
 * take no time: there is no look at the time then, and it may be the main thread.
 */
const FOLDED = new Set(
  `$add $subtract $multiply $divide $mod $abs $ceil $floor $round $trunc $bitAnd $bitOr $bitXor $bitNot $isNumber
  $cond $ifNull $switch $and $or $not $eq $ne $gt $gte $lt $lte $cmp $literal $const $type
  $convert $toBool $toInt $toLong $toDouble $toDecimal $toDate $toString $toObjectId $toUUID
  $concat $substr $substrBytes $substrCP $strLenCP $strLenBytes $strcasecmp $toUpper $toLower
  $arrayElemAt $isArray $size $year $month $dayOfMonth $hour $minute $second $millisecond $dayOfYear $dayOfWeek $week
  $isoWeek $isoWeekYear $isoDayOfWeek $dateAdd $dateSubtract $dateDiff $dateTrunc $dateToString $dateFromString
  $dateFromParts $dateToParts`.split(/\s+/),
);

/**
 * True for an expression whose value is computed before any document is read: operators on constants count, as in
 * MongoDB's optimiser.
 */
export function isFoldable(value: unknown): boolean {
  if (typeof value === 'string') return !value.startsWith('$');
  if (Array.isArray(value)) return value.every(isFoldable);
  if (!isDocument(value)) return true;
  return Object.keys(value).every(
    (name) => name === '$literal' || ((FOLDED.has(name) || !name.startsWith('$')) && isFoldable(value[name])),
  );
}

/** True for an expression that is the same for every document: a literal without references. */
export function isConstant(value: unknown): boolean {
  if (typeof value === 'string') return !value.startsWith('$');
  if (Array.isArray(value)) return value.every(isConstant);
  if (!isDocument(value)) return true;
  const names = Object.keys(value);
  return names[0] === '$literal' || names.every((name) => !name.startsWith('$') && isConstant(value[name]));
}
