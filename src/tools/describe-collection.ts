import { z } from 'zod';
import { stringifyExtendedJson } from '../mql/formats.ts';
import { maxElements } from '../stores/documents/describe/fields.ts';
import type { CollectionDescription, FieldDescription } from '../stores/documents/document-store.ts';
import { ageNote } from './common/age.ts';
import { allFit } from './common/answer-size.ts';
import { target } from './common/arguments.ts';
import { defineTool } from './common/define.ts';
import { plural } from './common/queries.ts';
import { collectionOf } from './common/targets.ts';

/** Rounded, but never to none or all where it is not. */
function share(count: number, of: number): string {
  const percent = (100 * count) / of;
  if (percent > 0 && percent < 1) return '<1%';
  return percent > 99 && percent < 100 ? '>99%' : `${Math.round(percent)}%`;
}

/** A single type by name; several with the share of each. */
function typesOf({ types, of }: FieldDescription): unknown {
  const [first = '', ...more] = Object.keys(types);
  if (more.length === 0) return first;
  return Object.fromEntries(Object.entries(types).map(([type, count]) => [type, share(count, of)]));
}

const asKey = (value: unknown): string =>
  typeof value === 'string' ? value : stringifyExtendedJson(value, { relaxed: true });

/** How many more values were seen than are shown. */
function moreThan(shown: number, { distinct, moreDistinct }: FieldDescription): Record<string, unknown> {
  const more = distinct - shown;
  return more > 0 ? { more_values: moreDistinct ? `over ${more}` : more } : {};
}

/** Long texts may begin alike: then each stands by itself. */
function sharesOf(values: NonNullable<FieldDescription['values']>, of: number): unknown {
  const pairs = values.map(({ value, count }) => [asKey(value), share(count, of)] as const);
  const shares = Object.fromEntries(pairs);
  return Object.keys(shares).length === pairs.length ? shares : pairs;
}

/** The most informative short form of a field's values: all if few, else the range, else examples. */
function contentOf(field: FieldDescription): Record<string, unknown> {
  const { values, range, examples, types, of } = field;
  if (values) return { values: sharesOf(values, of), ...moreThan(values.length, field) };
  if (range) return { [range.exact ? 'range' : 'sample_range']: [range.min, range.max] };
  if (examples.length === 0) return {};
  const shown = types['objectId'] === undefined ? examples : examples.slice(0, 1);
  return { examples: shown, ...moreThan(shown.length, field) };
}

/** Whether the paths below make a row redundant: a subdocument that is always there. */
function isImplied(
  { path, types, present, of }: FieldDescription,
  { fields }: CollectionDescription,
): boolean {
  const isObject = Object.keys(types).join() === 'object' && present === of;
  return isObject && fields.some((other) => other.path.startsWith(`${path}.`));
}

function fieldRow(field: FieldDescription): Record<string, unknown> {
  const { path, present, of, references, elements } = field;
  return {
    field: path,
    type: typesOf(field),
    ...(present < of && { present: share(present, of) }),
    ...(elements && {
      elements: elements.min === elements.max ? `${elements.min}` : `${elements.min}–${elements.max}`,
    }),
    ...contentOf(field),
    ...(references !== undefined && { references }),
  };
}

/** The fields as shown to the model. */
export function fieldRows(found: CollectionDescription): Record<string, unknown>[] {
  return found.fields.filter((field) => !isImplied(field, found)).map(fieldRow);
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
  const { documents, bytes, sampled, fieldsLeftOut, elementsLeftOut, deeperLeftOut, view } = found;
  const average = documents > 0 ? ` (${plural(Math.round(bytes / documents), 'byte')} each)` : '';
  const size = found.narrowed ? '' : `, ${plural(bytes, 'byte')}${average}`;
  return [
    view ? `View "${name}".` : `Collection "${name}": ${plural(documents, 'document')}${size}.`,
    indexesOf(found),
    ...(sampled < documents || view
      ? [
          `Shares and values are of ${plural(sampled, 'sampled document')}; a range is of all documents, a sample_range of the sample.`,
        ]
      : []),
    ...(found.fields.some(({ path }) => path.includes('[]'))
      ? [
          `For "[]" they are of the elements${elementsLeftOut ? `, the first ${maxElements} of each array` : ''}.`,
        ]
      : []),
    ...(fieldsLeftOut > 0 ? [`${plural(fieldsLeftOut, 'rarer field')} not listed.`] : []),
    ...(deeperLeftOut ? ['Deeper fields are not listed.'] : []),
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
    const { connection, namespace } = collectionOf(args, context);
    const { found, ageMs } = await connection.descriptions.describe(namespace, context.call);
    const summary = `${collectionSummary(found, namespace.collection)}${ageNote(ageMs)}`;
    const rows = fieldRows(found);
    if (allFit(rows, context.config)) return { summary, rows };
    return {
      summary: `${summary} Values and examples are omitted: too many fields. Use \`distinct\` for those of one.`,
      rows: rows.map(({ values: _values, examples: _examples, more_values: _more, ...row }) => row),
    };
  },
});
