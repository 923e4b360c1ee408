import { type Call, unrecorded, within } from '../../call.ts';
import { HydrogenError } from '../../errors.ts';
import type { Document } from '../../mql/formats.ts';
import type {
  CollectionDescription,
  DocumentStore,
  Namespace,
} from '../../stores/documents/document-store.ts';
import { knownValues, similarValue, unknownField, wrongType, wrongValue } from './condition-hints.ts';
import { conditionsOf, type FieldCondition, maxHinted } from './filter-conditions.ts';
import { otherForms } from './other-forms.ts';
import { partialForms } from './partial-forms.ts';
import { isRange, rangeNote } from './text-forms.ts';

/** How long a hint may take to find, ms, and a note on an answer that has rows. */
const hintTimeoutMs = 2_000;
export const noteTimeoutMs = 500;
/** Fields that are named. */
const maxNamed = 3;

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

/** The hints on different fields, a few of them; undefined where there are none. */
export function joined(hints: Iterable<string | undefined>): string | undefined {
  const different = [...new Set(hints)].filter((hint) => hint !== undefined);
  return different.length === 0 ? undefined : different.slice(0, maxNamed).join(' ');
}

const unknownFields = (paths: Iterable<string>, found: CollectionDescription): string | undefined =>
  joined([...new Set(paths)].slice(0, maxHinted).map((path) => unknownField(path, found)));

function* pathsOf(filter: Document): Generator<string> {
  for (const { path } of conditionsOf(filter)) yield path;
}

async function hintFor(
  found: CollectionDescription,
  { paths, filter }: { readonly paths: readonly string[]; readonly filter: Document },
  look: () => Promise<string>,
): Promise<string | undefined> {
  const { fields } = found;
  const sampled =
    unknownFields([...pathsOf(filter).take(maxHinted), ...paths], found) ??
    firstHint(
      filter,
      (condition) => rangeNote(condition, fields),
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
export async function tryDescribe(
  store: DocumentStore,
  namespace: Namespace,
  call: Call,
  timeoutMs = hintTimeoutMs,
): Promise<CollectionDescription | undefined> {
  try {
    return await store.describe(namespace, unrecorded(within(call, timeoutMs)));
  } catch (error) {
    if (!(error instanceof HydrogenError) || call.signal.aborted) throw error;
    return undefined;
  }
}

export const emptyCollection = ' The collection is empty.';

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
  if (found?.documents === 0 && !found.view) return emptyCollection;
  const look = (): Promise<string> => otherForms(store, namespace, filter, unrecorded(call));
  const hint = found ? await hintFor(found, { paths, filter }, look) : await look();
  return hint ? ` ${hint}` : '';
}

/** A hint on the paths that no sampled document has; '' when there is none, otherwise with a leading space. */
export async function fieldHint(
  store: DocumentStore,
  namespace: Namespace,
  paths: readonly string[],
  call: Call,
): Promise<string> {
  if (paths.length === 0) return '';
  const found = await tryDescribe(store, namespace, call);
  if (!found || found.documents === 0) return '';
  const hint = unknownFields(paths, found);
  return hint === undefined ? '' : ` ${hint}`;
}

/**
 * Why rows that were found may be other ones than those that were meant: bounds for text that stands for numbers or
 * days, and one of several values that occurs only in another form. '' or with a leading space.
 */
export async function foundHint(
  store: DocumentStore,
  namespace: Namespace,
  filter: Document,
  collation: unknown,
  call: Call,
): Promise<string> {
  // What is equal, and what comes first, is then another matter.
  if (collation !== undefined) return '';
  const bounds = [...conditionsOf(filter).take(maxHinted)].filter(
    (condition) => isRange(condition) && typeof condition.value !== 'number',
  );
  const found = bounds.length > 0 && (await tryDescribe(store, namespace, call, noteTimeoutMs));
  const note = found && joined(bounds.map((condition) => rangeNote(condition, found.fields)));
  if (note) return ` ${note}`;
  const partial = await partialForms(store, namespace, filter, unrecorded(call));
  return partial === '' ? '' : ` ${partial}`;
}
