import { badInput } from '../../errors.ts';
import { isOperatorDocument, isRegex } from '../query/array.ts';
import type { Document } from '../types.ts';
import { clone } from '../values/clone.ts';
import { getField, isDocument } from '../values/fields.ts';
import { changeAt } from './location.ts';

/** The filters that a top-level operator of a filter requires to hold. */
function conjuncts(name: string, operand: unknown): readonly unknown[] {
  if (!Array.isArray(operand)) return [];
  return name === '$and' || (name === '$or' && operand.length === 1) ? operand : [];
}

/** The values that a filter requires fields to equal, from which an upsert starts. */
function* equalities(filter: Document): Generator<readonly [path: string, value: unknown]> {
  for (const name of Object.keys(filter)) {
    const operand = getField(filter, name);
    if (name.startsWith('$')) {
      for (const branch of conjuncts(name, operand)) if (isDocument(branch)) yield* equalities(branch);
    } else {
      const value = equalValue(operand);
      if (value !== undefined) yield [name, value.value];
    }
  }
}

function equalValue(operand: unknown): { readonly value: unknown } | undefined {
  if (isRegex(operand)) return undefined;
  if (!isDocument(operand) || !isOperatorDocument(operand)) return { value: operand };
  if (Object.hasOwn(operand, '$eq')) return { value: operand['$eq'] };
  const list = operand['$in'] ?? operand['$all'];
  if (!Array.isArray(list) || list.length !== 1 || isRegex(list[0]) || isOperatorDocument(list[0]))
    return undefined;
  return { value: list[0] };
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
