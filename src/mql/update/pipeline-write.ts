import { badInput, notSupported } from '../../errors.ts';
import { writeStages } from '../aggregate.ts';
import { compileExpression, rootScope } from '../expressions/compile.ts';
import { namedArguments } from '../expressions/operator.ts';
import { UPDATE_STAGES, WRITE_STAGES } from '../stages/registry.ts';
import type { Document } from '../types.ts';
import { normalize } from '../values/clone.ts';
import { getField, isDocument, setField } from '../values/fields.ts';
import { fillTimestamps } from '../values/timestamps.ts';
import { compileReplacement, compileUpdate, type UpdateOptions } from './compile.ts';

/** The target of a pipeline; the database is that of the source by default. */
interface Target {
  readonly database?: string;
  readonly collection: string;
}

/** The write at the end of a pipeline with $out or $merge. */
export type PipelineWrite =
  /** Replaces the collection with the results. A result without `_id` gets one. */
  | ({ readonly kind: 'out' } & Target)
  | ({
      readonly kind: 'merge';
      /** Fields that identify a document; unless `_id` alone, they need a unique index on the target. */
      readonly on: readonly string[];
      /**
       * The filter for the document to merge with; `undefined` for a result without `_id`, which cannot have
       * one.
       * @throws HydrogenError bad_input for a result whose "on" field is missing, null or an array
       */
      readonly match: (result: Document) => Document | undefined;
      /** The merged document; `undefined` leaves the existing one as it is. @throws HydrogenError bad_input */
      readonly matched: (existing: Document, result: Document) => Document | undefined;
      /** The document to insert if none exists; `undefined` inserts nothing. @throws HydrogenError bad_input */
      readonly unmatched: (result: Document) => Document | undefined;
    } & Target);

const MATCHED = ['replace', 'keepExisting', 'merge', 'fail'];
const UNMATCHED = ['insert', 'discard', 'fail'];

/**
 * Splits a pipeline that ends with $out or $merge into the part that reads and the write of its results.
 * @throws HydrogenError bad_input if it does not end with such a stage, or with an invalid one
 */
export function compilePipelineWrite(
  pipeline: readonly Document[],
  options: Pick<UpdateOptions, 'collation' | 'now' | 'limits'> = {},
): { readonly reads: Document[]; readonly write: PipelineWrite } {
  const last = pipeline.at(-1);
  const [name] = writeStages(pipeline);
  if (name === undefined || last === undefined || Object.keys(last).length !== 1) {
    throw badInput(`A pipeline that writes ends with ${WRITE_STAGES.join(' or ')}.`);
  }
  const argument = normalize(getField(last, name));
  const write = name === '$out' ? out(argument) : merge(argument, options);
  return { reads: pipeline.slice(0, -1), write };
}

/** Databases that no $merge writes to. */
const RESERVED = ['admin', 'config', 'local'];

function target(value: unknown, name: string): Target {
  const args = isDocument(value) ? namedArguments(name, value, ['coll'], ['db', 'timeseries']) : undefined;
  if (args?.has('timeseries')) throw notSupported(`"timeseries" of ${name}`);
  const collection = args === undefined ? value : args.get('coll');
  const database = args?.get('db') || undefined;
  if (typeof collection !== 'string' || collection === '') {
    throw badInput(`${name} needs the name of a collection, or {db, coll}.`);
  }
  if (database !== undefined && typeof database !== 'string') {
    throw badInput(`"db" of ${name} must be the name of a database.`);
  }
  if (name === '$merge' && database !== undefined && RESERVED.includes(database)) {
    throw badInput(`$merge cannot write into the database "${database}", which is MongoDB's own.`);
  }
  return { collection, ...(database !== undefined && { database }) };
}

const out = (argument: unknown): PipelineWrite => ({ kind: 'out', ...target(argument, '$out') });

function merge(argument: unknown, options: UpdateOptions): PipelineWrite {
  const args =
    typeof argument === 'string'
      ? new Map<string, unknown>([['into', argument]])
      : namedArguments('$merge', argument, ['into'], ['on', 'let', 'whenMatched', 'whenNotMatched']);
  const given = (name: string, otherwise: unknown): unknown => (args.has(name) ? args.get(name) : otherwise);
  const on = fieldsOf(given('on', '_id'));
  const whenMatched = given('whenMatched', 'merge');
  // Of these, MongoDB takes null for this one only.
  const whenNotMatched = args.get('whenNotMatched') ?? 'insert';
  const vars = args.get('let') ?? undefined;
  if (!Array.isArray(whenMatched) && !MATCHED.includes(whenMatched as string)) {
    throw badInput(`"whenMatched" of $merge is one of ${MATCHED.join(', ')}, or a pipeline.`);
  }
  if (!UNMATCHED.includes(whenNotMatched as string)) {
    throw badInput(`"whenNotMatched" of $merge is one of ${UNMATCHED.join(', ')}.`);
  }
  if (whenNotMatched === 'discard' && (whenMatched === 'keepExisting' || whenMatched === 'fail')) {
    throw badInput(`$merge does not combine "whenMatched: ${whenMatched}" with "whenNotMatched: discard".`);
  }
  if (vars !== undefined && !Array.isArray(whenMatched)) {
    throw badInput('"let" of $merge needs a pipeline as "whenMatched".');
  }
  const match = (result: Document): Document | undefined =>
    on.includes('_id') && getField(result, '_id') === undefined ? undefined : keyOf(result, on);
  return {
    kind: 'merge',
    ...target(args.get('into'), '$merge'),
    on,
    match,
    matched: Array.isArray(whenMatched)
      ? byPipeline(whenMatched as Document[], vars, options)
      : matchedBy(whenMatched as string, on, options),
    unmatched(given) {
      if (whenNotMatched === 'discard') return undefined;
      if (whenNotMatched === 'fail')
        throw badInput(`$merge found no document for ${on.join(', ')} to match.`);
      const result = fillTimestamps({ ...given }, options.now ?? new Date());
      // MongoDB inserts these two with an update, which orders the fields; the others stay as they are.
      const operator = { merge: '$set', keepExisting: '$setOnInsert' }[String(whenMatched)];
      if (operator === undefined || Array.isArray(whenMatched)) return result;
      return compileUpdate({ [operator]: result }, { ...options, filter: match(result) ?? {} }).insert();
    },
  };
}

function fieldsOf(on: unknown): string[] {
  const fields = Array.isArray(on) ? on : [on];
  if (fields.length === 0 || !fields.every((field) => typeof field === 'string' && field !== '')) {
    throw badInput('"on" of $merge must be the name of a field, or an array of names.');
  }
  if (new Set(fields).size < fields.length) throw badInput('"on" of $merge names a field twice.');
  return fields;
}

function keyOf(result: Document, on: readonly string[]): Document {
  const key: Document = {};
  for (const field of on) {
    let value: unknown = result;
    for (const part of field.split('.')) value = isDocument(value) ? getField(value, part) : undefined;
    if (Array.isArray(value)) throw badInput(`"${field}", by which $merge finds documents, is an array.`);
    // Like null, a missing value finds documents without one.
    setField(key, field, value ?? null);
  }
  return key;
}

function matchedBy(mode: string, on: readonly string[], options: UpdateOptions) {
  const now = options.now ?? new Date();
  return (existing: Document, result: Document): Document | undefined => {
    switch (mode) {
      case 'replace':
        return compileReplacement(result, options).apply(existing).document;
      case 'merge':
        return compileUpdate({ $set: fillTimestamps({ ...result }, now) }, options).apply(existing).document;
      case 'fail':
        throw badInput(
          `$merge found a document with the same ${on.join(', ')}, and "whenMatched" is "fail".`,
        );
      default:
        return undefined;
    }
  };
}

/** The pipeline runs on the existing document, with the result as $$new or the variables of "let". */
function byPipeline(pipeline: readonly Document[], vars: unknown, options: UpdateOptions) {
  if (vars !== undefined && !isDocument(vars)) throw badInput('"let" of $merge must be a document.');
  const scope = rootScope({ now: options.now ?? new Date() });
  if (vars !== undefined && Object.hasOwn(vars, 'new') && vars['new'] !== '$$ROOT') {
    throw badInput('"new" of "let" is the result of the pipeline: it can only be "$$ROOT".');
  }
  const variables: Document = { new: '$$ROOT', ...vars };
  const bindings = Object.keys(variables).map(
    (variable) => [variable, compileExpression(getField(variables, variable), scope)] as const,
  );
  const bound = (result: Document, checking = false): Document => {
    const variables: Document = {};
    for (const [variable, value] of bindings) {
      // A variable without a value is not defined; when the pipeline is checked, none has one.
      const found = value(result);
      if (found !== undefined || checking) setField(variables, variable, found ?? null);
    }
    return variables;
  };
  const wrong = pipeline.find(
    (stage) => !isDocument(stage) || !UPDATE_STAGES.includes(Object.keys(stage)[0] ?? ''),
  );
  if (wrong !== undefined) {
    throw badInput(`A "whenMatched" pipeline takes only these stages: ${UPDATE_STAGES.join(', ')}.`);
  }
  // Checked now, with the names of the variables but no values.
  compileUpdate(pipeline, { ...options, variables: bound({}, true) });
  return (existing: Document, result: Document): Document =>
    compileUpdate(pipeline, { ...options, variables: bound(result) }).apply(existing).document;
}
