import { type Document, keyString } from '../../../../mql/index.ts';
import { isInexactKey } from '../../../documents/analysis/constraints.ts';
import { type Index, type IndexField, trait } from './definition.ts';

/** The key of one value in an index field: complemented where the order is descending. */
export function fieldKey(value: unknown, direction: 1 | -1): Uint8Array {
  const key = keyString(value);
  if (direction === -1) for (let i = 0; i < key.length; i++) key[i] = ~(key[i] as number);
  return key;
}

/** The key of an entry, or its first part. Each field's key is self-terminating, so that bytes sort as values do. */
export function indexKey(values: readonly unknown[], fields: readonly IndexField[]): Uint8Array {
  if (values.length === 1) return fieldKey(values[0], fields[0]?.direction ?? 1);
  return Buffer.concat(values.map((value, i) => fieldKey(value, fields[i]?.direction ?? 1)));
}

/** The entries of a document in an index, and the traits of its values. */
export interface Entries {
  readonly keys: readonly Uint8Array[];
  readonly traits: readonly number[];
}

/** @throws HydrogenError bad_input for two different arrays in the fields of a compound index */
export function entriesOf(index: Index, document: Document): Entries {
  const { single, opened, all } = index.valuesOf(document);
  if (single !== undefined) {
    return {
      keys: [indexKey(single, index.fields)],
      traits: single.map((v) => (isInexactKey(v) ? trait.inexact : 0)),
    };
  }
  const traits = opened.map((array): number => (array ? trait.array : 0));
  const keys = new Map<string, Uint8Array>();
  for (const values of all()) {
    for (const [at, value] of values.entries())
      if (isInexactKey(value)) traits[at] = trait.inexact | (traits[at] ?? 0);
    const key = indexKey(values, index.fields);
    keys.set(Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1'), key);
  }
  return { keys: [...keys.values()], traits };
}
