import { type Document, MAX_PATH } from '../types.ts';

// A BSON value is never a function, so anything inherited from Object.prototype (`toString`, `constructor`)
// can be recognised as one; `__proto__` is the only exception.

/** The field's value, `undefined` if the document has no such own field. */
export function getField(doc: Document, name: string): unknown {
  const value = doc[name];
  if (typeof value === 'function' || name === '__proto__') {
    return Object.hasOwn(doc, name) ? Object.getOwnPropertyDescriptor(doc, name)?.value : undefined;
  }
  return value;
}

/** Sets a field as plain data, even if it is named `__proto__`. */
export function setField(doc: Document, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(doc, name, { value, enumerable: true, writable: true, configurable: true });
  } else {
    doc[name] = value;
  }
}

/** A plain document (not an array, a date or an instance of a BSON class). */
export function isDocument(value: unknown): value is Document {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The fields of a reference (DBRef), the only names with $ that a path may hold. */
export const isReferenceField = (name: string): boolean =>
  name === '$ref' || name === '$id' || name === '$db';

/** True for a path, without $: no part of it is empty, and only the fields of a reference begin with $. */
export function isFieldPath(path: unknown): path is string {
  if (typeof path !== 'string' || path.includes('\0')) return false;
  const parts = path.split('.');
  return (
    parts.length <= MAX_PATH &&
    parts.every((part) => part !== '' && (!part.startsWith('$') || isReferenceField(part)))
  );
}

/** The array index that a path component names, -1 if it is not a plain decimal number. */
export function arrayIndex(part: string): number {
  return /^(?:0|[1-9]\d{0,8})$/.test(part) ? Number(part) : -1;
}
