import type { Call } from '../../call.ts';
import type { Document } from '../../mql/formats.ts';
import type { DocumentStore, Namespace } from '../../stores/documents/document-store.ts';
import { unknownField } from './condition-hints.ts';
import { conditionsOf, isPlain, maxHinted } from './filter-conditions.ts';
import { emptyHint, fieldHint, foundHint, joined, noteTimeoutMs, tryDescribe } from './hints.ts';
import { isIncluded } from './missing-fields.ts';
import { accumulatorNote } from './text-forms.ts';

/** `$amount` and `$items.price` anywhere in an expression. */
function* references(expression: unknown): Generator<string> {
  if (typeof expression === 'string') {
    if (/^\$[^$]/.test(expression)) yield expression.slice(1);
  } else if (Array.isArray(expression)) {
    for (const item of expression) yield* references(item);
  } else if (isPlain(expression)) {
    for (const [name, inner] of Object.entries(expression)) if (name !== '$literal') yield* references(inner);
  }
}

/** The fields a stage reads and adds. After a `last` stage the documents are different ones. */
function fieldsOfStage(stage: Document): { reads: Iterable<string>; adds: string[]; last: boolean } {
  const [name = '', spec] = Object.entries(stage)[0] ?? [];
  const fields: Document = isPlain(spec) ? spec : {};
  switch (name) {
    case '$match':
      return { reads: conditionsOf(fields).map(({ path }) => path), adds: [], last: false };
    case '$sort':
      return {
        reads: Object.keys(fields).filter((key) => !isPlain(fields[key])),
        adds: [],
        last: false,
      };
    case '$limit':
    case '$skip':
    case '$sample':
      return { reads: [], adds: [], last: false };
    case '$addFields':
    case '$set':
      return { reads: references(spec), adds: Object.keys(fields), last: false };
    case '$unwind':
      return {
        reads: references(fields['path'] ?? spec),
        adds: [String(fields['includeArrayIndex'])],
        last: false,
      };
    case '$lookup':
      return {
        reads: typeof fields['localField'] === 'string' ? [fields['localField']] : [],
        adds: [String(fields['as'])],
        last: false,
      };
    case '$project':
      return {
        reads: [...Object.keys(fields).filter((key) => isIncluded(fields[key])), ...references(spec)],
        adds: [],
        last: true,
      };
    case '$group':
    case '$bucket':
    case '$bucketAuto':
    case '$sortByCount':
      return { reads: references(spec), adds: [], last: true };
    default:
      return { reads: [], adds: [], last: true };
  }
}

/** The stages that get the collection's own documents, each with the fields that those before it have added. */
function* ownStages(pipeline: readonly Document[]): Generator<{
  readonly stage: Document;
  readonly reads: readonly string[];
  readonly added: ReadonlySet<string>;
}> {
  const added = new Set<string>();
  for (const stage of pipeline) {
    const { reads, adds, last } = fieldsOfStage(stage);
    const isOwn = (path: string): boolean => !added.has(path.split('.')[0] ?? '');
    yield { stage, reads: [...Iterator.from(reads).filter(isOwn).take(maxHinted)], added };
    for (const path of adds) added.add(path.split('.')[0] ?? '');
    if (last) break;
  }
}

/** The fields of the collection's documents that the first stages read. */
const fieldsRead = (pipeline: readonly Document[]): string[] => [
  ...new Set([...ownStages(pipeline)].flatMap(({ reads }) => reads).slice(0, maxHinted)),
];

/** The fields that the collection's own documents are sorted by, where no result shows them. */
function hiddenSorts(pipeline: readonly Document[], results: readonly Document[]): string[] {
  const columns = new Set(results.flatMap((row) => Object.keys(row)));
  return [...ownStages(pipeline)]
    .filter(({ stage }) => '$sort' in stage)
    .flatMap(({ reads }) => reads)
    .filter((path) => !columns.has(path.split('.')[0] ?? ''));
}

const accumulators: readonly string[] = ['$sum', '$avg', '$max', '$min'];

/** Fields of the collection's documents that a `$group` accumulates as they are. */
function accumulated(pipeline: readonly Document[]): { operator: string; path: string }[] {
  const stages = [...ownStages(pipeline)];
  const { stage, added } = stages.at(-1) ?? {};
  const group: unknown = stage?.['$group'];
  if (!isPlain(group)) return [];
  // Where they are chosen by their own value, it may be by its type.
  const chosen = new Set(stages.flatMap(({ stage, reads }) => ('$match' in stage ? reads : [])));
  return Object.values(group).flatMap((accumulator) => {
    const [[operator, path] = ['', undefined]] = isPlain(accumulator) ? Object.entries(accumulator) : [];
    if (!accumulators.includes(operator) || typeof path !== 'string' || !/^\$[^$]/.test(path)) return [];
    const name = path.slice(1);
    return added?.has(name.split('.')[0] ?? '') || chosen.has(name) ? [] : [{ operator, path: name }];
  });
}

/** Accumulated text, which counts for nothing or sorts as text. */
async function accumulatorHint(
  store: DocumentStore,
  namespace: Namespace,
  pipeline: readonly Document[],
  call: Call,
): Promise<string> {
  const read = accumulated(pipeline);
  const found = read.length > 0 && (await tryDescribe(store, namespace, call, noteTimeoutMs));
  if (!found) return '';
  const notes = read.map(({ operator, path }) => accumulatorNote(operator, path, found.fields));
  const note = joined(notes);
  return note === undefined ? '' : ` ${note}`;
}

const passing: readonly string[] = ['$match', '$sort', '$limit', '$skip'];

/** A `$sort` by a field that the `$group` before it does not make. */
function groupSortHint(pipeline: readonly Document[]): string {
  for (const [index, stage] of pipeline.entries()) {
    const group: unknown = stage['$group'];
    if (!isPlain(group)) continue;
    const names = Object.keys(group);
    for (const later of pipeline.slice(index + 1)) {
      if (!passing.includes(Object.keys(later)[0] ?? '')) break;
      const sort: unknown = later['$sort'];
      const missing = Object.keys(isPlain(sort) ? sort : {}).find(
        (path) => !names.includes(path.split('.')[0] ?? ''),
      );
      if (missing === undefined) continue;
      const known = names.map((name) => JSON.stringify(name)).join(', ');
      return ` $sort: after $group there is no field ${JSON.stringify(missing)}, only ${known}.`;
    }
  }
  return '';
}

/** A field by which a `$lookup` looks and that the other collection does not have. */
async function lookupHint(
  store: DocumentStore,
  { database }: Namespace,
  pipeline: readonly Document[],
  call: Call,
): Promise<string> {
  for (const { $lookup: lookup } of pipeline) {
    const { from, foreignField } = isPlain(lookup) ? lookup : {};
    if (typeof from !== 'string' || typeof foreignField !== 'string') continue;
    const found = await tryDescribe(store, { database, collection: from }, call, noteTimeoutMs);
    if (!found || found.documents === 0) continue;
    const hint = unknownField(foreignField, found, ` of ${JSON.stringify(from)}`);
    if (hint !== undefined) return ` ${hint}`;
  }
  return '';
}

/** The conditions of the `$match` stages at the front. */
function leadingFilter(pipeline: readonly Document[]): Document {
  const end = pipeline.findIndex((stage) => !isPlain(stage['$match']));
  const matches = pipeline.slice(0, end < 0 ? undefined : end).map((stage) => stage['$match']);
  return { $and: matches };
}

const isBlank = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === 0 ||
  value === '' ||
  (Array.isArray(value) && value.length === 0);

/** Whether the results look as if a field was misspelt: none, an empty column, or a missing one. */
function looksMisspelt(pipeline: readonly Document[], results: readonly Document[]): boolean {
  const columns = new Set(results.flatMap((row) => Object.keys(row)));
  const included = pipeline.flatMap((stage) =>
    isPlain(stage['$project']) ? Object.entries(stage['$project']) : [],
  );
  if (included.some(([path, value]) => isIncluded(value) && !columns.has(path.split('.')[0] ?? '')))
    return true;
  return results.length === 0 || [...columns].some((name) => results.every((row) => isBlank(row[name])));
}

/**
 * Why a pipeline may have returned nothing, an empty column or wrong sums. Based on a sample of the collection, and only
 * where the pipeline or its results suggest it; '' when it shows nothing, otherwise with a leading space.
 */
export async function pipelineHint(
  store: DocumentStore,
  namespace: Namespace,
  pipeline: readonly Document[],
  results: readonly Document[],
  collation: unknown,
  call: Call,
): Promise<string> {
  const filter = leadingFilter(pipeline);
  const seeks = looksMisspelt(pipeline, results);
  const paths = seeks ? fieldsRead(pipeline) : hiddenSorts(pipeline, results);
  const hints = [
    () => (results.length === 0 ? emptyHint(store, namespace, filter, call, paths) : ''),
    () => (results.length > 0 ? fieldHint(store, namespace, paths, call) : ''),
    () => (seeks ? lookupHint(store, namespace, pipeline, call) : ''),
    () => accumulatorHint(store, namespace, pipeline, call),
    () => groupSortHint(pipeline),
    () => (results.length > 0 ? foundHint(store, namespace, filter, collation, call) : ''),
  ];
  for (const look of hints) {
    const hint = await look();
    if (hint !== '') return hint;
  }
  return '';
}
