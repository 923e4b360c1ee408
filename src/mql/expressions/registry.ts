import { accumulatorExpressions } from './accumulators.ts';
import { arithmetic } from './arithmetic.ts';
import { arrays, sets } from './arrays.ts';
import { conditional } from './conditional.ts';
import { conversion } from './conversion.ts';
import { dateText } from './date-text.ts';
import { dates } from './dates.ts';
import { objects } from './objects.ts';
import type { ExpressionFamily } from './operator.ts';
import { regexes } from './regex.ts';
import { sizes } from './sizes.ts';
import { strings } from './strings.ts';
import { transcendental } from './transcendental.ts';
import { variables } from './variables.ts';

/** All expression operators by name. */
export const EXPRESSIONS: ExpressionFamily = {
  ...arithmetic,
  ...transcendental,
  ...conditional,
  ...variables,
  ...arrays,
  ...sets,
  ...dates,
  ...dateText,
  ...strings,
  ...regexes,
  ...conversion,
  ...objects,
  ...sizes,
  ...accumulatorExpressions,
};

const JAVASCRIPT = 'JavaScript is never run; use expression operators';

/** MongoDB operators that are not implemented, with what to do instead. */
export const REFUSED_EXPRESSIONS: { readonly [name: string]: string } = {
  $function: JAVASCRIPT,
  $accumulator: JAVASCRIPT,
  $meta: '',
  $toHashedIndexKey: '',
  $encStrContains: '',
  $encStrEndsWith: '',
  $encStrNormalizedEq: '',
  $encStrStartsWith: '',
};
