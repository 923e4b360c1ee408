import { momentOf } from '../../mql/dates/moment.ts';
import { stringifyExtendedJson } from '../../mql/formats.ts';
import type { FieldDescription } from '../../stores/documents/document-store.ts';
import { meant } from '../../tables/value-forms.ts';
import type { FieldCondition } from './filter-conditions.ts';

// Text that stands for numbers or days, as an import leaves it where it cannot know: it is neither summed nor compared
// as what it stands for.

/** `items[].name` as a query names it: `items.name`. */
export const queryPath = ({ path }: FieldDescription): string => path.replaceAll('[]', '');

/** What the sampled texts of a field stand for: numbers as JSON writes them, or with a decimal comma, or days. */
type Kind = 'number' | 'comma' | 'day' | 'other';

interface TextForm {
  readonly path: string;
  readonly kind: Kind;
  readonly texts: readonly string[];
  /** Where other values are there, too: how many are text, and of how many. */
  readonly some?: string;
  /** Every document has it, as text. */
  readonly isEverywhere: boolean;
  readonly isInArray: boolean;
}

const comma = /^-?(\d+|\d{1,3}(\.\d{3})+),\d+$/;
const commaOrWhole = /^-?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?$/;
const grouped = /\.\d{3}/;
const day = /^\d\d?\.\d\d?\.\d{4}$/;
const dayFormat = '%d.%m.%Y';

function kindOf(texts: readonly string[]): Kind {
  if (texts.length === 0) return 'other';
  if (texts.every((text) => meant.number.test(text))) return 'number';
  if (texts.some((text) => comma.test(text)) && texts.every((text) => commaOrWhole.test(text)))
    return 'comma';
  return texts.every((text) => day.test(text)) ? 'day' : 'other';
}

/** The text that a field of a sample holds; undefined where it holds none. */
function textAt(path: string, fields: readonly FieldDescription[]): TextForm | undefined {
  const here = fields.filter((field) => queryPath(field) === path && field.types['string'] !== undefined);
  const [field] = here;
  if (!field) return undefined;
  const texts = here
    .flatMap(({ examples, values }) => [...examples, ...(values ?? []).map(({ value }) => value)])
    .filter((value) => typeof value === 'string');
  const only = Object.keys(field.types).every((type) => ['string', 'null', 'array'].includes(type));
  return {
    path,
    kind: kindOf(texts),
    texts: [...new Set(texts)],
    ...(!only && { some: `${field.types['string']} of ${field.of} sampled` }),
    isEverywhere: field.types['string'] === field.of,
    isInArray: here.some((one) => one.path.includes('[]')),
  };
}

const json = (value: unknown): string => stringifyExtendedJson(value, { relaxed: true });

/** `"Umsatz" holds text such as "102,00"`. */
function holdsText({ path, texts, some }: TextForm): string {
  const such = texts[0] === undefined ? '' : ` such as ${JSON.stringify(texts[0])}`;
  return `${JSON.stringify(path)} holds text${such}${some === undefined ? '' : ` (${some})`}`;
}

/** Its number in an expression; `otherwise` for what is none. Undefined where none is sure to be right. */
function numberOf({ path, kind, texts, some, isEverywhere }: TextForm, otherwise: unknown): unknown {
  const isGrouped = texts.some((text) => grouped.test(text));
  if (kind !== 'number' && kind !== 'comma') return undefined;
  if (kind === 'comma' && isGrouped && some !== undefined) return undefined;
  const field = `$${path}`;
  const replaced = (input: unknown, find: string, replacement: string): unknown => ({
    $replaceAll: { input, find, replacement },
  });
  const text = some === undefined ? field : { $toString: field };
  const plain = isGrouped ? replaced(text, '.', '') : text;
  const input = kind === 'comma' ? replaced(plain, ',', '.') : field;
  // A null is below every number. It may be nowhere in the sample and yet in the collection.
  if (isEverywhere) {
    return otherwise === null
      ? { $toDouble: input }
      : { $convert: { input, to: 'double', onNull: otherwise } };
  }
  return { $convert: { input, to: 'double', onError: otherwise, onNull: otherwise } };
}

/** What to write instead, and how to import the file so that it need not be written: anew, or documents are there twice. */
function advice({ kind, texts }: TextForm, written: string | undefined): string {
  const option = texts.some((text) => grouped.test(text)) ? '--decimal , --thousands .' : '--decimal ,';
  const ways = [
    ...(written === undefined ? [] : [`write ${written}`]),
    ...(kind === 'comma' ? [`import the file into a new collection (${option})`] : []),
  ].join(', or ');
  return ways === '' ? '.' : `. ${ways[0]?.toUpperCase()}${ways.slice(1)}.`;
}

function dayNote(form: TextForm): string {
  const parsed = json({ $dateFromString: { dateString: `$${form.path}`, format: dayFormat } });
  const compare = form.isInArray ? '' : `Compare ${parsed} with a date in $expr, or import`;
  return `${holdsText(form)}, which does not sort by date. ${compare || 'Import'} the file into a new collection with --date-format ${dayFormat}.`;
}

/** Text of one length, such as postcodes, sorts as its numbers do. */
const sortsAsNumbers = ({ kind, texts }: TextForm, ...more: readonly string[]): boolean =>
  kind === 'number' && new Set([...texts, ...more].map(({ length }) => length)).size === 1;

const ranges: readonly string[] = ['$gt', '$gte', '$lt', '$lte'];

/** Whether a condition compares by order: what it finds may be wrong for text. */
export const isRange = ({ operator = '' }: FieldCondition): boolean => ranges.includes(operator);

const isDay = (value: unknown): boolean =>
  value instanceof Date || (typeof value === 'string' && (day.test(value) || momentOf(value) !== undefined));

/** A bound for text that stands for numbers or days, and what compares. */
export function rangeNote(
  condition: FieldCondition,
  fields: readonly FieldDescription[],
): string | undefined {
  const { path, value, operator = '' } = condition;
  if (!isRange(condition)) return undefined;
  const form = textAt(path, fields);
  if (!form) return undefined;
  if (form.kind === 'day' && isDay(value)) return dayNote(form);
  const isNumber = typeof value === 'number';
  if (isNumber && form.some !== undefined) return undefined;
  const isText = typeof value === 'string' && (meant.number.test(value) || commaOrWhole.test(value));
  const isNumeric = form.kind === 'number' || form.kind === 'comma';
  if (!isNumber && (!isText || !isNumeric || sortsAsNumbers(form, value))) return undefined;
  const text = String(value);
  const bound = Number(meant.number.test(text) ? text : text.replaceAll('.', '').replace(',', '.'));
  // Text sorts after numbers, null before them: what is no number is on neither side of the bound.
  const number = form.isInArray ? undefined : numberOf(form, operator.startsWith('$l') ? '' : null);
  const written =
    number === undefined || Number.isNaN(bound)
      ? undefined
      : json({ $expr: { [operator]: [number, bound] } });
  const how = isNumber ? 'with numbers' : 'by number';
  return `${holdsText(form)}, which does not compare ${how}${advice(form, written)}`;
}

/** An accumulator over text. */
export function accumulatorNote(
  operator: string,
  path: string,
  fields: readonly FieldDescription[],
): string | undefined {
  const form = textAt(path, fields);
  if (!form) return undefined;
  const number = form.isInArray ? undefined : numberOf(form, null);
  if (operator === '$sum' || operator === '$avg') {
    const written = number === undefined ? undefined : json(number);
    return `${holdsText(form)}: ${operator} counts only numbers${advice(form, written)}`;
  }
  if (form.kind === 'day') return dayNote(form);
  if (form.kind === 'other' || sortsAsNumbers(form)) return undefined;
  return `${holdsText(form)}: ${operator} compares it as text${advice(form, number === undefined ? undefined : json(number))}`;
}

/** A date that is to equal text of days. */
export function dayTextNote(path: string, fields: readonly FieldDescription[]): string | undefined {
  const form = textAt(path, fields);
  return form?.kind === 'day' ? dayNote(form) : undefined;
}
