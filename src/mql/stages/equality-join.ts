import { HydrogenError } from '../../errors.ts';
import type { Scope } from '../expressions/scope.ts';
import { isOperatorDocument } from '../query/array.ts';
import type { Document } from '../types.ts';
import { T, typeNumber } from '../values/types.ts';
import { type ForeignIndex, indexForeign, localValues } from './join.ts';

/** Local documents joined at a time if the foreign collection is not held in memory. */
const BATCH = 64;

/** Two fields that must have a value in common. */
export interface EqualFields {
  readonly localPath: readonly string[];
  readonly foreignPath: string;
  /** The foreign documents: all, or at least those matching the filter. */
  readonly foreign: (filter?: Document) => Iterable<Document>;
}

/** Local documents, each with its matching foreign documents. */
export type Join = (input: Iterable<Document>) => Iterable<readonly [Document, Iterable<Document>]>;

/** A filter for documents with any of the values; none if a value would be read as a condition. */
function among(path: string, values: readonly unknown[]): Document | undefined {
  const conditions = values.some((value) => typeNumber(value) === T.regex || isOperatorDocument(value));
  return conditions ? undefined : { [path]: { $in: values } };
}

/**
 * Joins documents by equality; an empty or missing local field is null. For a few local documents only the
 * matches are read; for more, the whole foreign collection is indexed if it fits in a stage's memory.
 */
export function equalityJoin(fields: EqualFields, name: string, scope: Scope): Join {
  const { localPath, foreignPath, foreign } = fields;
  const valuesOf = (doc: Document): unknown[] => {
    const values = localValues(doc, localPath);
    return values.length === 0 ? [null] : values;
  };
  const indexed = (filter?: Document): ForeignIndex =>
    indexForeign(foreign(filter), foreignPath, name, scope);
  let whole: ForeignIndex | 'too_large' | undefined;
  let batches = 0;

  const indexFor = (batch: readonly Document[]): ForeignIndex => {
    const filter = among(foreignPath, batch.flatMap(valuesOf));
    if (whole === undefined && (batches++ > 0 || filter === undefined)) {
      try {
        whole = indexed();
      } catch (error) {
        if (filter === undefined || !(error instanceof HydrogenError) || error.code !== 'too_large')
          throw error;
        whole = 'too_large';
      }
    }
    return whole === undefined || whole === 'too_large' ? indexed(filter) : whole;
  };

  return function* (input) {
    let batch: Document[] = [];
    const joined = function* (): Generator<readonly [Document, Iterable<Document>]> {
      const index = indexFor(batch);
      for (const doc of batch) yield [doc, index.find(valuesOf(doc))];
      batch = [];
    };
    for (const doc of input) if (batch.push(doc) === BATCH) yield* joined();
    if (batch.length > 0) yield* joined();
  };
}
