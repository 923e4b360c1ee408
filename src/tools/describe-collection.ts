import { z } from 'zod';
import { stringifyExtendedJson } from '../mql/formats.ts';
import type { CollectionDescription, FieldDescription } from '../stores/documents/document-store.ts';
import { allFit } from './common/answer-size.ts';
import { target } from './common/arguments.ts';
import { defineTool } from './common/define.ts';
import { plural } from './common/queries.ts';
import { collectionOf } from './common/targets.ts';

function share(count: number, of: number): string {
  const percent = (100 * count) / of;
  return percent > 0 && percent < 1 ? '<1%' : `${Math.round(percent)}%`;
}

/** A single type by name; several with the share of each among the documents that have the field. */
function typesOf({ types, present }: FieldDescription): unknown {
  const [first = '', ...more] = Object.keys(types);
  if (more.length === 0) return first;
  return Object.fromEntries(Object.entries(types).map(([type, count]) => [type, share(count, present)]));
}

const asKey = (value: unknown): string =>
  typeof value === 'string' ? value : stringifyExtendedJson(value, { relaxed: true });

/** The most informative short form of a field's values: all if few, else the range, else examples. */
function contentOf({ values, range, examples, types }: FieldDescription): Record<string, unknown> {
  if (values) {
    const total = values.reduce((sum, { count }) => sum + count, 0);
    return {
      values: Object.fromEntries(values.map(({ value, count }) => [asKey(value), share(count, total)])),
    };
  }
  if (range) return { range: [range.min, range.max] };
  if (examples.length === 0) return {};
  return { examples: types['objectId'] === undefined ? examples : examples.slice(0, 1) };
}

/** Whether the paths below make a row redundant: an always present subdocument, or a list of them. */
function isImplied(
  { path, types, present }: FieldDescription,
  { fields, sampled }: CollectionDescription,
): boolean {
  const [type, ...more] = Object.keys(types);
  const below = type === 'array' ? `${path}[]` : `${path}.`;
  const whole = present === sampled || path.endsWith('[]');
  return (
    more.length === 0 &&
    (type === 'object' || type === 'array') &&
    whole &&
    fields.some((other) => other.path.startsWith(below))
  );
}

function fieldRow(field: FieldDescription, sampled: number): Record<string, unknown> {
  const { path, present, references } = field;
  return {
    field: path,
    type: typesOf(field),
    ...(present < sampled && { present: share(present, sampled) }),
    ...contentOf(field),
    ...(references !== undefined && { references }),
  };
}

/** The fields as shown to the model. */
export function fieldRows(found: CollectionDescription): Record<string, unknown>[] {
  return found.fields
    .filter((field) => !isImplied(field, found))
    .map((field) => fieldRow(field, found.sampled));
}

function indexesOf({ indexes }: CollectionDescription): string {
  const secondary = indexes.filter(({ name }) => name !== '_id_');
  if (secondary.length === 0) return 'No indexes except _id.';
  const listed = secondary.map(({ name, key, unique }) => {
    return `${name} ${stringifyExtendedJson(key, { relaxed: true })}${unique ? ' unique' : ''}`;
  });
  return `Indexes: ${listed.join(', ')}.`;
}

/** What the model should know about a collection before its fields. */
function collectionSummary(found: CollectionDescription, name: string): string {
  const { documents, bytes, sampled, fieldsLeftOut } = found;
  const average = documents > 0 ? ` (${plural(Math.round(bytes / documents), 'byte')} each)` : '';
  return [
    `Collection "${name}": ${plural(documents, 'document')}, ${plural(bytes, 'byte')}${average}.`,
    indexesOf(found),
    ...(sampled < documents ? [`Fields from a sample of ${sampled}.`] : []),
    ...(fieldsLeftOut ? ['Not all fields are listed.'] : []),
  ].join(' ');
}

export const describeCollection = defineTool({
  name: 'describe_collection',
  operation: 'read',
  title: 'Describe a collection',
  description:
    'The fields of a collection: types, presence, ranges or values, references to other collections; its indexes and size. Use it before writing a query.',
  input: z.strictObject(target),
  async run(args, context) {
    const { store, namespace } = collectionOf(args, context);
    const found = await store.describe(namespace, context.call);
    const summary = collectionSummary(found, namespace.collection);
    const rows = fieldRows(found);
    if (allFit(rows, context.config)) return { summary, rows };
    return {
      summary: `${summary} Values and examples are omitted: too many fields. Use distinct for those of one.`,
      rows: rows.map(({ values: _values, examples: _examples, ...row }) => row),
    };
  },
});
