import type { Call } from '../../call.ts';
import type { Document } from '../../mql/formats.ts';
import type { DocumentStore, Namespace } from '../../stores/documents/document-store.ts';
import { conditionsOf, isPlain, maxHinted } from './filter-conditions.ts';
import { emptyHint, fieldHint } from './hints.ts';
import { isIncluded } from './missing-fields.ts';

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

/** The fields of the collection's documents that the first stages read. */
function fieldsRead(pipeline: readonly Document[]): string[] {
  const all: string[] = [];
  const added = new Set<string>();
  for (const stage of pipeline) {
    const { reads, adds, last } = fieldsOfStage(stage);
    for (const path of reads) {
      if (all.length >= maxHinted) break;
      if (!added.has(path.split('.')[0] ?? '')) all.push(path);
    }
    for (const path of adds) added.add(path.split('.')[0] ?? '');
    if (last) break;
  }
  return [...new Set(all)];
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
 * Why a pipeline may have returned nothing, or an empty column. Based on a sample of the collection, and only where the
 * results suggest it; '' when it shows nothing, otherwise with a leading space.
 */
export async function pipelineHint(
  store: DocumentStore,
  namespace: Namespace,
  pipeline: readonly Document[],
  results: readonly Document[],
  call: Call,
): Promise<string> {
  if (!looksMisspelt(pipeline, results)) return '';
  const filter = leadingFilter(pipeline);
  const empty = results.length === 0 ? await emptyHint(store, namespace, filter, call) : '';
  return empty === '' ? fieldHint(store, namespace, fieldsRead(pipeline), call) : empty;
}
