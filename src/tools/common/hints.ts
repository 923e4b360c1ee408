import { type Call, within } from '../../call.ts';
import { HydrogenError } from '../../errors.ts';
import type { Document } from '../../mql/formats.ts';
import { similarNames } from '../../similar-names.ts';
import type {
  CollectionDescription,
  DocumentStore,
  FieldDescription,
  Namespace,
} from '../../stores/documents/document-store.ts';
import { conditionsOf, type FieldCondition, maxHinted } from './filter-conditions.ts';

/** How long a hint may take to find, ms. */
const hintTimeoutMs = 2_000;
/** Descriptions list no fields below this depth. */
const maxDepth = 6;
/** Descriptions truncate longer text. */
const maxTextLength = 60;

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

const literals: Readonly<Record<string, string>> = {
  date: '{"$date":"2026-01-31T00:00:00Z"}',
  objectId: '{"$oid":"…"}',
};
const numbers: readonly string[] = ['int', 'long', 'double', 'decimal'];

/** Text never equals a date, an ObjectId or a number that prints the same, or vice versa. */
function wrongType({ path, value }: FieldCondition, fields: readonly FieldDescription[]): string | undefined {
  const types = new Set(
    fields.filter((field) => queryPath(field) === path).flatMap((field) => Object.keys(field.types)),
  );
  const hasNumbers = numbers.some((type) => types.has(type));
  if (typeof value === 'number' && types.has('string') && !hasNumbers) {
    return `"${path}" holds text, not numbers: write "${value}".`;
  }
  if (typeof value !== 'string' || types.has('string')) return undefined;
  const type = Object.keys(literals).find((name) => types.has(name));
  if (type !== undefined) {
    return `"${path}" holds values of type ${type}, not text: write ${literals[type]}.`;
  }
  if (hasNumbers) return `"${path}" holds numbers, not text: write them without quotes.`;
  return types.has('bool') ? `"${path}" holds true or false, not text.` : undefined;
}

/** A value that does not occur in a field with few values. */
function unknownValue(
  { path, value, isEquality }: FieldCondition,
  fields: readonly FieldDescription[],
): string | undefined {
  if (!isEquality || typeof value !== 'string' || value.length > maxTextLength) return undefined;
  const known = fields
    .filter((field) => queryPath(field) === path)
    .flatMap((field) => field.values ?? [])
    .map(({ value }) => value)
    .filter((value) => typeof value === 'string');
  if (known.length === 0 || known.includes(value)) return undefined;
  const suggestions = similarNames(value, known);
  if (suggestions.length > 0)
    return `No sampled document has "${value}" as "${path}": did you mean ${either(suggestions)}?`;
  return `Values of "${path}" include ${known.map((value) => JSON.stringify(value)).join(', ')}.`;
}

function hintFor(filter: Document, found: CollectionDescription): string | undefined {
  const { fields } = found;
  for (const condition of conditionsOf(filter).take(maxHinted)) {
    const hint =
      unknownField(condition.path, found) ?? wrongType(condition, fields) ?? unknownValue(condition, fields);
    if (hint !== undefined) return hint;
  }
  return undefined;
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
 * Why a query may have found nothing: an unknown field or value, or a value of another type. Based on a sample of the
 * collection; '' when it shows nothing, otherwise with a leading space.
 */
export async function emptyHint(
  store: DocumentStore,
  namespace: Namespace,
  filter: Document,
  call: Call,
): Promise<string> {
  const found = await tryDescribe(store, namespace, call);
  if (!found) return '';
  if (found.documents === 0) return ' The collection is empty.';
  const hint = hintFor(filter, found);
  return hint === undefined ? '' : ` ${hint}`;
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
