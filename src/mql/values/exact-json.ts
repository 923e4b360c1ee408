import { badInput } from '../../errors.ts';
import { beyondDouble } from './exact-double.ts';
import { endOfString, refuseRepeatedNames } from './repeated-names.ts';

// JSON.parse rounds whole numbers beyond 2^53, makes infinity of 1e400 and zero of 1e-400. Wherever JSON comes in from
// outside it is read by `parseExactJson`: a number keeps its value, or is refused with how to write it. So is a name that
// stands twice in one object.

/** A number that `JSON.parse` may change: many digits, or an exponent of three. Text may match, too, which costs time only. */
const mayChange = /\d{16}|\d[eE][+-]?\d{3}/;
/** Characters of a number in an error. */
const maxShown = 40;

function refused(source: string, reason: string, advice: string): Error {
  const shown = source.length > maxShown ? `${source.slice(0, maxShown)}…` : source;
  return badInput(`the number ${shown} is ${reason}: ${advice}`);
}

/**
 * The value of a number in JSON: a JavaScript number where that is exact, or a double as it is meant (with a point or an
 * exponent); `{"$numberLong":"…"}` for any other 64-bit integer.
 * @throws HydrogenError `bad_input` for a number that neither can hold
 */
export function exactNumber(source: string): number | { readonly $numberLong: string } {
  const value = Number(source);
  const wider = `write {"$numberDecimal":"${source.slice(0, maxShown)}"}, or text.`;
  const beyond = beyondDouble(source);
  if (beyond) throw refused(source, `${beyond} for a double`, wider);
  if (!/^-?\d+$/.test(source) || Number.isSafeInteger(value)) return value;
  const integer = BigInt(source);
  if (BigInt.asIntN(64, integer) === integer) return { $numberLong: source };
  if (BigInt(value) === integer) return value;
  throw refused(source, 'beyond 64 bits', wider);
}

/** `JSON.parse`, but each number is what `read` makes of its text. */
export function parseJsonNumbers(text: string, read: (source: string) => unknown): unknown {
  const revive = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === 'number' && context?.source !== undefined ? read(context.source) : value;
  return JSON.parse(text, revive as (key: string, value: unknown) => unknown);
}

/** A number of JSON, as a whole text. */
const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** JSON in which the numbers that `JSON.parse` would change are written so that it does not. */
function withExactNumbers(text: string): string {
  const token = /"|-?\d[\d.eE+-]*/g;
  const parts: string[] = [];
  let from = 0;
  for (let found = token.exec(text); found; found = token.exec(text)) {
    const [source] = found;
    if (source === '"') token.lastIndex = endOfString(text, token.lastIndex);
    else if (mayChange.test(source) && jsonNumber.test(source)) {
      const number = exactNumber(source);
      // JSON.stringify would take the sign from a zero.
      const kept = typeof number === 'number' ? source : JSON.stringify(number);
      parts.push(text.slice(from, found.index), kept);
      from = token.lastIndex;
    }
  }
  return parts.length === 0 ? text : parts.join('') + text.slice(from);
}

/**
 * JSON with every number as it is written: 64-bit integers beyond 2^53 become `{"$numberLong":"…"}`, their form in
 * Extended JSON. Faster by ten than with a function for each value, which counts in messages of megabytes.
 * @throws SyntaxError for what is not JSON; HydrogenError `bad_input` for a number that would be changed, or a name
 * that stands twice
 */
export function parseExactJson(text: string): unknown {
  const exact = mayChange.test(text) ? withExactNumbers(text) : text;
  const value: unknown = JSON.parse(exact);
  refuseRepeatedNames(exact, value);
  return value;
}

const negativeZero = (_key: string, value: unknown): unknown =>
  Object.is(value, -0) ? { $numberDouble: '-0.0' } : value;

/** `JSON.stringify`, which would write -0 as 0. */
export function stringifyExactJson(value: unknown): string {
  return JSON.stringify(value, negativeZero);
}
