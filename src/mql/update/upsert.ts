import { badInput } from '../../errors.ts';
import { isOperatorDocument, isRegex } from '../query/array.ts';
import type { Document } from '../types.ts';
import { clone } from '../values/clone.ts';
import { compareValues } from '../values/compare.ts';
import { getField, isDocument } from '../values/fields.ts';
import { changeAt } from './location.ts';

/** The values without repeated ones, which say nothing new. */
const distinct = (values: readonly unknown[]): unknown[] =>
  values.filter((value, i) => values.findIndex((other) => compareValues(other, value) === 0) === i);

/** The filters that a top-level operator of a filter requires to hold. */
function conjuncts(name: string, operand: unknown): readonly unknown[] {
  if (!Array.isArray(operand)) return [];
  if (name === '$and') return operand;
  const alternatives = name === '$or' ? distinct(operand) : [];
  return alternatives.length === 1 ? alternatives : [];
}

/** The values that a filter requires fields to equal, from which an upsert starts. */
function* equalities(filter: Document): Generator<readonly [path: string, value: unknown]> {
  for (const name of Object.keys(filter)) {
    const operand = getField(filter, name);
    if (name.startsWith('$')) {
      for (const branch of conjuncts(name, operand)) if (isDocument(branch)) yield* equalities(branch);
    } else {
      for (const value of equalValues(operand)) yield [name, value];
    }
  }
}

function equalValues(operand: unknown): readonly unknown[] {
  if (isRegex(operand)) return [];
  if (!isDocument(operand) || !isOperatorDocument(operand)) return [operand];
  if (Object.hasOwn(operand, '$eq')) return [operand['$eq']];
  const { $in, $all } = operand;
  const alternatives = Array.isArray($in) ? distinct($in) : [];
  const required = alternatives.length === 1 ? alternatives : Array.isArray($all) ? distinct($all) : [];
  return required.filter((value) => !isRegex(value) && !isOperatorDocument(value));
}

/**
 * The document that an upsert starts from: the fields that the filter requires to equal a value, or `only` one of them.
 * @throws HydrogenError bad_input if it requires two values for one field
 */
export function documentOfFilter(filter: Document, only?: string): Document {
  const doc: Document = {};
  const seen: string[] = [];
  for (const [path, value] of equalities(filter)) {
    if (only !== undefined && path.split('.', 1)[0] !== only) continue;
    if (only !== undefined && path !== only)
      throw badInput(`The filter of a replacement that inserts must say all of "${only}", not "${path}".`);
    const clash = seen.find(
      (other) => other === path || other.startsWith(`${path}.`) || path.startsWith(`${other}.`),
    );
    if (clash !== undefined)
      throw badInput(`The filter says two things about "${path}", so an upsert cannot insert.`);
    seen.push(path);
    changeAt(doc, path.split('.'), () => clone(value), true);
  }
  return doc;
}
