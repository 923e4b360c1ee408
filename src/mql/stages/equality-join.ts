import { HydrogenError } from '../../errors.ts';
import type { Scope } from '../expressions/scope.ts';
import { isOperatorDocument } from '../query/array.ts';
import type { Document } from '../types.ts';
import { T, typeNumber } from '../values/types.ts';
import { type ForeignIndex, indexForeign, localValues } from './join.ts';

/** Local documents that are joined at a time where the foreign collection is not held as a whole. */
const BATCH = 64;

/** Two fields of which one value must be equal. */
export interface EqualFields {
  readonly localPath: readonly string[];
  readonly foreignPath: string;
  /** The foreign documents: all, or at least those that match the filter. */
  readonly foreign: (filter?: Document) => Iterable<Document>;
}

/** Local documents, each with the foreign ones it is joined with. */
export type Join = (input: Iterable<Document>) => Iterable<readonly [Document, Iterable<Document>]>;

/** A filter for the documents that have any of the values; none where values would be read as conditions. */
function among(path: string, values: readonly unknown[]): Document | undefined {
  const conditions = values.some((value) => typeNumber(value) === T.regex || isOperatorDocument(value));
  return conditions ? undefined : { [path]: { $in: values } };
}

/**
 * Joins documents by equality; an empty or missing local field is null. A few local documents ask for what
 * they need; with more, the foreign collection is indexed as a whole where it fits in the memory of a stage.
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
