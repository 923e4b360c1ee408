import { type Call, within } from '../../call.ts';
import { HydrogenError } from '../../errors.ts';
import { momentOf } from '../../mql/dates/moment.ts';
import { type Document, stringifyExtendedJson } from '../../mql/formats.ts';
import { similarNames } from '../../similar-names.ts';
import type {
  CollectionDescription,
  DocumentStore,
  FieldDescription,
  Namespace,
} from '../../stores/documents/document-store.ts';
import { meant } from '../../tables/value-forms.ts';
import { conditionsOf, type FieldCondition, maxHinted } from './filter-conditions.ts';
import { otherForms } from './other-forms.ts';

/** How long a hint may take to find, ms. */
const hintTimeoutMs = 2_000;
/** Descriptions list no fields below this depth. */
const maxDepth = 6;
/** Descriptions truncate longer text. */
const maxTextLength = 60;
/** Values of a field that are named. */
const maxSuch = 4;
const dayMs = 86_400_000;

/** `items[].name` as a query names it: `items.name`. */
const queryPath = ({ path }: FieldDescription): string => path.replaceAll('[]', '');

const either = (names: readonly unknown[]): string => names.map((name) => JSON.stringify(name)).join(' or ');

function unknownField(path: string, { fields, fieldsLeftOut }: CollectionDescription): string | undefined {
  const name = path.replace(/\.(\d+|\$(\[\w*\])?)(?=\.|$)/g, '');
  if (fieldsLeftOut > 0 || name.split('.').length > maxDepth) return undefined;
  const known = [...new Set(fields.map(queryPath))];
  if (known.some((other) => other === name || other.startsWith(`${name}.`))) return undefined;
  const suggestions = similarNames(name, known);
  const hint = suggestions.length > 0 ? `did you mean ${either(suggestions)}?` : 'see describe_collection.';
  return `No sampled document has a field "${path}": ${hint}`;
}

const numbers: readonly string[] = ['int', 'long', 'double', 'decimal'];

const typesOf = (path: string, fields: readonly FieldDescription[]): ReadonlySet<string> =>
  new Set(fields.filter((field) => queryPath(field) === path).flatMap((field) => Object.keys(field.types)));

const dateLiteral = (moment: Date): string => stringifyExtendedJson({ $date: moment.toISOString() });

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
function wrongType(condition: FieldCondition, fields: readonly FieldDescription[]): string | undefined {
  const { path, value, isEquality } = condition;
  const types = typesOf(path, fields);
  const hasNumbers = numbers.some((type) => types.has(type));
  if (typeof value === 'string') return types.has('string') ? undefined : textInstead(condition, types);
  if (typeof value === 'number' && types.has('string') && !hasNumbers) {
    return `"${path}" holds text, not numbers: write "${value}".`;
  }
  // What is to be equal may be there in another form, which is looked for.
  return value instanceof Date && !isEquality ? wrongValue(condition, fields) : undefined;
}

/** A date or a boolean for a field that has none. */
function wrongValue(
  { path, value }: FieldCondition,
  fields: readonly FieldDescription[],
): string | undefined {
  const types = typesOf(path, fields);
  if (value instanceof Date && types.has('string') && !types.has('date')) {
    return `"${path}" holds text, not dates: write "${value.toISOString().replace(/(T00:00:00)?\.000Z$/, '')}" as the text does.`;
  }
  if (typeof value !== 'boolean' || types.size === 0 || types.has('bool')) return undefined;
  const what = types.has('string') ? 'text' : `values of type ${[...types].join(', ')}`;
  const known = fields
    .filter((field) => queryPath(field) === path)
    .flatMap((field) => field.values ?? [])
    .map((one) => JSON.stringify(one.value));
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

function similarValue(condition: FieldCondition, fields: readonly FieldDescription[]): string | undefined {
  const { path, value } = condition;
  const suggestions = similarNames(String(value), otherTexts(condition, fields)?.known ?? []);
  if (suggestions.length === 0) return undefined;
  return `No sampled document has "${value}" as "${path}": did you mean ${either(suggestions)}?`;
}

function knownValues(condition: FieldCondition, fields: readonly FieldDescription[]): string | undefined {
  const others = otherTexts(condition, fields);
  if (!others) return undefined;
  const { known, more } = others;
  const rest = more > 0 ? ` and ${more} more` : '';
  return `Values of "${condition.path}" include ${known.map((value) => JSON.stringify(value)).join(', ')}${rest}.`;
}

type Hint = (condition: FieldCondition) => string | undefined;

function firstHint(filter: Document, ...hints: readonly Hint[]): string | undefined {
  for (const condition of conditionsOf(filter).take(maxHinted)) {
    for (const hint of hints) {
      const text = hint(condition);
      if (text !== undefined) return text;
    }
  }
  return undefined;
}

async function hintFor(
  found: CollectionDescription,
  { paths, filter }: { readonly paths: readonly string[]; readonly filter: Document },
  look: () => Promise<string>,
): Promise<string | undefined> {
  const { fields } = found;
  const field: Hint = ({ path }) => unknownField(path, found);
  const sampled =
    paths.map((path) => unknownField(path, found)).find((text) => text !== undefined) ??
    firstHint(
      filter,
      field,
      (condition) => wrongType(condition, fields),
      (condition) => similarValue(condition, fields),
    );
  if (sampled !== undefined) return sampled;
  const looked = await look();
  if (looked !== '') return looked;
  return firstHint(
    filter,
    (condition) => wrongValue(condition, fields),
    (condition) => knownValues(condition, fields),
  );
}

/** Undefined when describing fails: the answer is complete without a hint. */
async function tryDescribe(
  store: DocumentStore,
  namespace: Namespace,
  call: Call,
): Promise<CollectionDescription | undefined> {
  try {
    return await store.describe(namespace, within(call, hintTimeoutMs));
  } catch (error) {
    if (!(error instanceof HydrogenError) || call.signal.aborted) throw error;
    return undefined;
  }
}

/**
 * Why a query may have found nothing: an unknown field or value, a value of another type, or written otherwise. Based on
 * a sample of the collection, and one look at all of it; '' when it shows nothing, otherwise with a leading space.
 * @param paths other fields of the query
 */
export async function emptyHint(
  store: DocumentStore,
  namespace: Namespace,
  filter: Document,
  call: Call,
  paths: readonly string[] = [],
): Promise<string> {
  const found = await tryDescribe(store, namespace, call);
  if (found?.documents === 0 && !found.view) return ' The collection is empty.';
  const look = (): Promise<string> => otherForms(store, namespace, filter, call);
  const hint = found ? await hintFor(found, { paths, filter }, look) : await look();
  return hint ? ` ${hint}` : '';
}

/** A hint on the first path that no sampled document has; '' when there is none, otherwise with a leading space. */
export async function fieldHint(
  store: DocumentStore,
  namespace: Namespace,
  paths: readonly string[],
  call: Call,
): Promise<string> {
  if (paths.length === 0) return '';
  const found = await tryDescribe(store, namespace, call);
  if (!found || found.documents === 0) return '';
  const hints = paths
    .values()
    .take(maxHinted)
    .map((path) => unknownField(path, found));
  const hint = hints.find((text) => text !== undefined);
  return hint === undefined ? '' : ` ${hint}`;
}
