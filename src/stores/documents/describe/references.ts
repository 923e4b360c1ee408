import { typeName } from '../../../mql/values/types.ts';
import type { FieldDescription } from '../document-store.ts';
import type { SampleDescription } from './fields.ts';

/** A field that may hold `_id`s of a collection, and the values whose lookup shows whether it does. */
export interface PossibleReference {
  readonly path: string;
  readonly collection: string;
  readonly ids: readonly unknown[];
  /** How many of `ids` must exist there. */
  readonly minFound: number;
}

/** Each costs a few lookups by `_id`. */
const maxReferences = 60;
const maxIds = 5;
/** Collections that are tried for a field whose name is no hint. */
const maxTried = 10;

const words = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** "customerId", "customer_ids[]" and "order.customer" refer to customers. */
function subjectOf(path: string): string {
  const last = path.replaceAll('[]', '').split('.').at(-1) ?? '';
  return words(last.replace(/[_-]?(ids?|refs?|keys?|codes?|oids?)$/i, ''));
}

function isNamedAfter(subject: string, collection: string): boolean {
  if (subject.length < 2) return false;
  const name = words(collection);
  return [
    subject,
    `${subject}s`,
    `${subject}es`,
    subject.replace(/y$/, 'ies'),
    subject.replace(/s$/, ''),
  ].includes(name);
}

/** Values that do not coincide by chance: finding one of them among a collection's `_id`s is evidence. */
function isTelling(ids: readonly unknown[]): boolean {
  return ids.every((id) => {
    const type = typeName(id);
    return type === 'objectId' || type === 'binData' || (typeof id === 'string' && id.length >= 16);
  });
}

function referencesFrom(
  path: string,
  ids: readonly unknown[],
  collections: readonly string[],
): PossibleReference[] {
  const subject = subjectOf(path);
  const named = collections.filter((collection) => isNamedAfter(subject, collection));
  // References may dangle, so half is enough for a field named after the collection; for any other, all must exist.
  const half = Math.ceil(ids.length / 2);
  if (named.length > 0) return named.map((collection) => ({ path, collection, ids, minFound: half }));
  const texts = ids.length >= 3 && ids.every((id) => typeof id === 'string');
  if (!isTelling(ids) && !texts) return [];
  return collections
    .slice(0, maxTried)
    .map((collection) => ({ path, collection, ids, minFound: isTelling(ids) ? half : ids.length }));
}

/**
 * The lookups that find the fields that refer to other collections of the database: those named after one
 * (`customerId`), and those whose values could be the `_id`s of any. Their number is bounded for any sample.
 * @param collections the other collections of the database
 */
export function possibleReferences(
  { fields, values }: SampleDescription,
  collections: readonly string[],
): PossibleReference[] {
  const references = fields.flatMap(({ path, types }) => {
    const ids = (values.get(path) ?? []).slice(0, maxIds);
    const only = Object.keys(types).filter((type) => type !== 'null');
    const plain = only.every((type) => ['objectId', 'string', 'int', 'long', 'binData'].includes(type));
    return path === '_id' || ids.length === 0 || !plain ? [] : referencesFrom(path, ids, collections);
  });
  // Those suggested by a name come first.
  const suggested = references.filter((reference) =>
    isNamedAfter(subjectOf(reference.path), reference.collection),
  );
  return [...suggested, ...references.filter((reference) => !suggested.includes(reference))].slice(
    0,
    maxReferences,
  );
}

/** The fields, each with the collection that it refers to, if the lookups confirmed one. */
export function withReferences(
  fields: readonly FieldDescription[],
  confirmed: readonly PossibleReference[],
): FieldDescription[] {
  return fields.map((field) => {
    const found = confirmed.find(({ path }) => path === field.path);
    return found ? { ...field, references: found.collection } : field;
  });
}
