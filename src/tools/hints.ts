import type { Call } from '../call.ts';
import type { Document } from '../mql/formats.ts';
import { nearest } from '../near.ts';
import type {
  CollectionDescription,
  DocumentStore,
  FieldDescription,
  Namespace,
} from '../stores/documents/document-store.ts';

/** A field that a filter asks for, with the plain value it must have or be compared to. */
interface Asked {
  readonly path: string;
  readonly value: unknown;
}

const isPlain = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

function* askedFor(filter: Document): Generator<Asked> {
  for (const [path, condition] of Object.entries(filter)) {
    if (path.startsWith('$')) {
      if (Array.isArray(condition)) for (const inner of condition) if (isPlain(inner)) yield* askedFor(inner);
    } else if (isPlain(condition)) {
      for (const value of Object.values(condition)) yield { path, value };
    } else {
      yield { path, value: condition };
    }
  }
}

/** `items[].name` as a query names it: `items.name`. */
const queryPath = ({ path }: FieldDescription): string => path.replaceAll('[]', '');

function unknownField(path: string, known: readonly string[]): string | undefined {
  const name = path.replace(/\.\d+(?=\.|$)/g, '');
  if (known.some((other) => other === name || other.startsWith(`${name}.`))) return undefined;
  const near = nearest(name, known).map((one) => `"${one}"`);
  const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'see describe_collection.';
  return `No document looked at has a field "${path}": ${hint}`;
}

const written: Readonly<Record<string, string>> = {
  date: '{"$date":"2026-01-31T00:00:00Z"}',
  objectId: '{"$oid":"…"}',
};

/** Text does not equal a date or an ObjectId that prints alike. */
function wrongType({ path, value }: Asked, fields: readonly FieldDescription[]): string | undefined {
  const field = fields.find((one) => queryPath(one) === path);
  if (typeof value !== 'string' || !field || field.types['string'] !== undefined) return undefined;
  const type = Object.keys(field.types).find((name) => written[name] !== undefined);
  return type && `"${path}" holds values of type ${type}, not text: write ${written[type]}.`;
}

function hintFor(filter: Document, { fields, fieldsLeftOut }: CollectionDescription): string | undefined {
  const known = fields.map(queryPath);
  for (const asked of askedFor(filter)) {
    const hint = (fieldsLeftOut ? undefined : unknownField(asked.path, known)) ?? wrongType(asked, fields);
    if (hint !== undefined) return hint;
  }
  return undefined;
}

/**
 * Why a query may have found nothing: a field that is not there, or text where dates or ObjectIds are. From
 * a sample of the collection; '' when it shows nothing.
 */
export async function emptyHint(
  store: DocumentStore,
  namespace: Namespace,
  filter: Document,
  call: Call,
): Promise<string> {
  const description = await store.describe(namespace, call);
  if (description.documents === 0) return ' The collection is empty.';
  const hint = hintFor(filter, description);
  return hint === undefined ? '' : ` ${hint}`;
}
