import { momentOf } from '../../mql/dates/moment.ts';
import { stringifyExtendedJson } from '../../mql/formats.ts';
import { similarNames } from '../../similar-names.ts';
import type { CollectionDescription, FieldDescription } from '../../stores/documents/document-store.ts';
import { meant } from '../../tables/value-forms.ts';
import type { FieldCondition } from './filter-conditions.ts';
import { dayTextNote, queryPath } from './text-forms.ts';

// What a sample of a collection says of one field or condition of a query that finds nothing.

/** Descriptions list no fields below this depth. */
const maxDepth = 6;
/** Descriptions truncate longer text. */
const maxTextLength = 60;
/** Values of a field that are named. */
const maxSuch = 4;
const dayMs = 86_400_000;

const either = (names: readonly unknown[]): string => names.map((name) => JSON.stringify(name)).join(' or ');

/** @param where the collection, where it is not the one that was asked */
export function unknownField(
  path: string,
  { fields, fieldsLeftOut }: CollectionDescription,
  where = '',
): string | undefined {
  const name = path.replace(/\.(\d+|\$(\[\w*\])?)(?=\.|$)/g, '');
  if (fieldsLeftOut > 0 || name.split('.').length > maxDepth) return undefined;
  const known = [...new Set(fields.map(queryPath))];
  if (known.some((other) => other === name || other.startsWith(`${name}.`))) return undefined;
  const suggestions = similarNames(name, known);
  const hint = suggestions.length > 0 ? `did you mean ${either(suggestions)}?` : 'see describe_collection.';
  return `No sampled document${where} has a field "${path}": ${hint}`;
}

const numbers: readonly string[] = ['int', 'long', 'double', 'decimal'];

const typesOf = (path: string, fields: readonly FieldDescription[]): ReadonlySet<string> =>
  new Set(fields.filter((field) => queryPath(field) === path).flatMap((field) => Object.keys(field.types)));

const dateLiteral = (moment: Date): string => stringifyExtendedJson(moment, { relaxed: true });

/** How a date is asked for that is given as text: a day by its moments, where it was to be equal. */
function asDates(text: string, isEquality: boolean | undefined): string {
  const moment = meant.date.test(text) ? momentOf(text) : undefined;
  if (!moment) return 'write {"$date":"2026-01-31T00:00:00Z"}';
  if (!isEquality || text.includes('T')) return `write ${dateLiteral(moment)}`;
  const next = new Date(moment.getTime() + dayMs);
  return `write {"$gte":${dateLiteral(moment)},"$lt":${dateLiteral(next)}}`;
}

function textInstead(
  { path, value, isEquality }: FieldCondition,
  types: ReadonlySet<string>,
): string | undefined {
  if (types.has('date')) return `"${path}" holds dates, not text: ${asDates(String(value), isEquality)}.`;
  if (types.has('objectId')) return `"${path}" holds values of type objectId, not text: write {"$oid":"…"}.`;
  if (numbers.some((type) => types.has(type)))
    return `"${path}" holds numbers, not text: write them without quotes.`;
  return types.has('bool') ? `"${path}" holds true or false, not text.` : undefined;
}

/** Text never equals a date, an ObjectId or a number that prints the same, or vice versa. */
export function wrongType(
  condition: FieldCondition,
  fields: readonly FieldDescription[],
): string | undefined {
  const { path, value, isEquality } = condition;
  const types = typesOf(path, fields);
  if (typeof value === 'string') return types.has('string') ? undefined : textInstead(condition, types);
  // What is to be equal may be there in another form, which is looked for.
  return value instanceof Date && !isEquality ? wrongValue(condition, fields) : undefined;
}

/** Some of the values that a field has, as JSON. */
const someValues = (path: string, fields: readonly FieldDescription[]): string[] => [
  ...new Set(
    fields
      .filter((field) => queryPath(field) === path)
      .flatMap(({ values, examples }) => values?.map(({ value }) => value) ?? examples)
      .map((value) => JSON.stringify(value)),
  ),
];

/** A number, a date or a boolean for a field that has none. */
export function wrongValue(
  { path, value }: FieldCondition,
  fields: readonly FieldDescription[],
): string | undefined {
  const types = typesOf(path, fields);
  const known = someValues(path, fields);
  if (typeof value === 'number' && types.has('string') && !numbers.some((type) => types.has(type))) {
    return `"${path}" holds text${known[0] === undefined ? '' : ` such as ${known[0]}`}, not numbers.`;
  }
  if (value instanceof Date && types.has('string') && !types.has('date')) {
    const note = dayTextNote(path, fields);
    if (note !== undefined) return note;
    return `"${path}" holds text, not dates: write "${value.toISOString().replace(/(T00:00:00)?\.000Z$/, '')}" as the text does.`;
  }
  if (typeof value !== 'boolean' || types.size === 0 || types.has('bool')) return undefined;
  const what = types.has('string') ? 'text' : `values of type ${[...types].join(', ')}`;
  const such = known.length > 0 ? `, such as ${known.slice(0, maxSuch).join(', ')}` : '';
  return `"${path}" holds ${what}, not true or false${such}.`;
}

/** The texts that a field with few values has; undefined where a condition does not ask for another one. */
function otherTexts(
  { path, value, isEquality }: FieldCondition,
  fields: readonly FieldDescription[],
): { known: string[]; more: number } | undefined {
  if (!isEquality || typeof value !== 'string' || value.length > maxTextLength) return undefined;
  const here = fields.filter((field) => queryPath(field) === path && field.values);
  const known = here
    .flatMap((field) => field.values ?? [])
    .map(({ value }) => value)
    .filter((value) => typeof value === 'string');
  if (known.length === 0 || known.includes(value)) return undefined;
  const more = here.reduce((sum, field) => sum + field.distinct - (field.values?.length ?? 0), 0);
  return { known, more };
}

export function similarValue(
  condition: FieldCondition,
  fields: readonly FieldDescription[],
): string | undefined {
  const { path, value } = condition;
  const suggestions = similarNames(String(value), otherTexts(condition, fields)?.known ?? []);
  if (suggestions.length === 0) return undefined;
  return `No sampled document has "${value}" as "${path}": did you mean ${either(suggestions)}?`;
}

export function knownValues(
  condition: FieldCondition,
  fields: readonly FieldDescription[],
): string | undefined {
  const others = otherTexts(condition, fields);
  if (!others) return undefined;
  const { known, more } = others;
  const rest = more > 0 ? ` and ${more} more` : '';
  return `Values of "${condition.path}" include ${known.map((value) => JSON.stringify(value)).join(', ')}${rest}.`;
}
