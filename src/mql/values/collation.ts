import { badInput, HydrogenError, notSupported } from '../../errors.ts';
import type { Document } from '../types.ts';
import { compareValues, type StringOrder } from './compare.ts';
import { getField, isDocument, setField } from './fields.ts';
import { hashKey } from './key-string.ts';
import { toNumber } from './numbers.ts';
import { isNullish } from './types.ts';

/** How strings are ordered and when they are equal; everything else follows the BSON order. */
export interface Ordering {
  readonly binary: boolean;
  readonly compare: (a: unknown, b: unknown) => number;
  /** A key for Map and Set: the same for exactly the values that compare as equal under this ordering. */
  readonly hash: (value: unknown) => string | number;
}

/** Without collation: strings compare by bytes. */
export const BINARY: Ordering = { binary: true, compare: (a, b) => compareValues(a, b), hash: hashKey };

const SENSITIVITY: { [strength: number]: 'base' | 'accent' | 'variant' } = {
  1: 'base',
  2: 'accent',
  3: 'variant',
};
const KNOWN = ['locale', 'strength', 'caseLevel', 'caseFirst', 'numericOrdering', 'alternate', 'maxVariable'];
const OTHERS = ['normalization', 'backwards', 'version'];

/**
 * The ordering of a collation document: `locale`, `strength` 1 to 3, `caseLevel` with strength 1,
 * `caseFirst`, `numericOrdering`, `alternate`, `backwards` for French.
 * @throws HydrogenError not_supported for other options
 */
export function createOrdering(collation: Document | undefined): Ordering {
  if (collation === undefined || Object.keys(collation).length === 0) return BINARY;
  const locale = collation['locale'];
  if (typeof locale !== 'string') throw badInput('A collation needs a "locale", for example {locale: "en"}.');
  if (locale === 'simple') return BINARY;
  for (const name of Object.keys(collation)) {
    if (![...KNOWN, ...OTHERS].includes(name)) throw badInput(`A collation has no option "${name}".`);
  }
  const strength = collation['strength'] === undefined ? 3 : toNumber(collation['strength']);
  let sensitivity: Intl.CollatorOptions['sensitivity'] = SENSITIVITY[strength];
  if (sensitivity === undefined)
    throw notSupported(`collation strength ${String(collation['strength'])}`, 'use 1, 2 or 3');
  if (collation['caseLevel'] === true) {
    if (strength !== 1) throw notSupported('collation option "caseLevel" with a strength other than 1');
    sensitivity = 'case';
  }
  const ordersCase = ['upper', 'lower'].includes(String(collation['caseFirst']));
  if (ordersCase && strength < 3 && collation['caseLevel'] !== true) {
    throw badInput('"caseFirst" of a collation needs "strength" 3 or "caseLevel: true".');
  }
  const strings = stringOrder(withBackwards(locale, collation['backwards']), sensitivity, collation);
  const representative = createClasses(strings);
  return {
    binary: false,
    compare: (a, b) => compareValues(a, b, strings),
    hash: (value) => hashKey(withStrings(value, representative)),
  };
}

/**
 * Accents count from the end of a word in Canadian French, and otherwise from its beginning. But for that it has the
 * order of French and of English.
 */
function withBackwards(locale: string, backwards: unknown): string {
  if (backwards === undefined || backwards === null) return locale;
  const isCanadian = /^fr[-_]CA$/i.test(locale);
  if (isCanadian) return backwards === true ? locale : 'fr';
  if (backwards !== true) return locale;
  if (/^(?:fr|en)$/i.test(locale)) return 'fr_CA';
  throw notSupported('collation option "backwards" with a locale other than "en" and "fr"');
}

/** Finds the first string seen that equals a given one, as collators have no sort keys. */
function createClasses(compare: StringOrder): (text: string) => string {
  const known = new Map<string, string>();
  const sorted: string[] = [];
  return (text) => {
    const seen = known.get(text);
    if (seen !== undefined) return seen;
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(sorted[middle] as string, text) < 0) low = middle + 1;
      else high = middle;
    }
    const next = sorted[low];
    const found = next !== undefined && compare(next, text) === 0 ? next : text;
    if (found === text) sorted.splice(low, 0, text);
    known.set(text, found);
    return found;
  };
}

/** The value with a function applied to every string in it, except field names. */
function withStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => withStrings(item, change));
  if (!isDocument(value)) return value;
  const result: Document = {};
  for (const name of Object.keys(value)) {
    setField(result, name, withStrings(getField(value, name), change));
  }
  return result;
}

function stringOrder(
  locale: string,
  sensitivity: NonNullable<Intl.CollatorOptions['sensitivity']>,
  collation: Document,
): StringOrder {
  const first = collation['caseFirst'];
  const options: Intl.CollatorOptions = { sensitivity, numeric: collation['numericOrdering'] === true };
  if (first === 'upper' || first === 'lower') options.caseFirst = first;
  const ignoresPunctuation = isShifted(collation);
  if (ignoresPunctuation !== undefined) options.ignorePunctuation = ignoresPunctuation;
  const collator = new Intl.Collator(supported(locale), options);
  if (collation['maxVariable'] === 'space' && collator.resolvedOptions().ignorePunctuation) {
    throw notSupported('collation option "maxVariable: space" with "alternate: shifted"', 'use "punct"');
  }
  return (a, b) => (a === b ? 0 : collator.compare(a, b));
}

/** Whether white space and punctuation count for nothing; `undefined` leaves it to the locale. */
function isShifted({ alternate, maxVariable }: Document): boolean | undefined {
  if (!isNullish(maxVariable) && maxVariable !== 'punct' && maxVariable !== 'space') {
    throw badInput('"maxVariable" of a collation is "punct" or "space".');
  }
  if (isNullish(alternate)) return undefined;
  if (alternate !== 'shifted' && alternate !== 'non-ignorable') {
    throw badInput('"alternate" of a collation is "non-ignorable" or "shifted".');
  }
  return alternate === 'shifted';
}

/** The orders of a locale by their names in MongoDB, and by those in language tags. */
const ORDERS = new Map([
  ['compat', 'compat'],
  ['dictionary', 'dict'],
  ['phonebook', 'phonebk'],
  ['phonetic', 'phonetic'],
  ['stroke', 'stroke'],
  ['traditional', 'trad'],
  ['unihan', 'unihan'],
  ['zhuyin', 'zhuyin'],
]);

/** The language tag of a locale such as "de@collation=phonebook". @throws HydrogenError not_supported */
function tagOf(locale: string): string {
  const [, base, order] = /^([\w-]+)@collation=(\w+)$/.exec(locale) ?? [];
  if (base === undefined || order === undefined) return locale.replaceAll('_', '-');
  const wanted = ORDERS.get(order);
  const tag = `${supported(base)}-u-co-${wanted}`;
  if (wanted !== undefined && new Intl.Collator(tag).resolvedOptions().collation === wanted) return tag;
  throw notSupported(`the order "${order}" of the locale "${base}"`, 'use the locale alone');
}

// An unknown locale would silently fall back to that of the process.
function supported(locale: string): string {
  try {
    const [found] = Intl.Collator.supportedLocalesOf(tagOf(locale));
    if (found !== undefined) return found;
  } catch (cause) {
    if (cause instanceof HydrogenError) throw cause;
    throw badInput(`"${locale}" is not a locale. Use one such as "en" or "de_AT".`, { cause });
  }
  throw badInput(`The locale "${locale}" is not known. Use one such as "en" or "de_AT".`);
}

/** A lookup of values under an ordering: by hash for the binary one, by comparison for a collation. */
export function createMembership(
  values: readonly unknown[],
  ordering: Ordering,
): (value: unknown) => boolean {
  if (ordering.binary) {
    const keys = new Set(values.map(hashKey));
    return (value) => keys.has(hashKey(value));
  }
  // By comparison, not by hash: documents contain many more strings than the list.
  const sorted = values.toSorted(ordering.compare);
  return (value) => {
    let low = 0;
    let high = sorted.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const order = ordering.compare(sorted[middle], value);
      if (order === 0) return true;
      if (order < 0) low = middle + 1;
      else high = middle - 1;
    }
    return false;
  };
}
