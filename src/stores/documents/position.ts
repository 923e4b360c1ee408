import { badInput } from '../../errors.ts';
import { decode, encode } from '../../mql/formats.ts';

/**
 * The values that a place in an order is told by, as text. As BSON: in Extended JSON a document such as
 * `{ $oid: … }` would come back as another value. A value may be `undefined` (the key of an empty array,
 * which sorts below null): each stands in an array of its own.
 */
export function writePosition(values: readonly unknown[]): string {
  const boxed = values.map((value) => (value === undefined ? [] : [value]));
  return Buffer.from(encode({ values: boxed })).toString('base64url');
}

/** @throws HydrogenError bad_input for a text that `writePosition` has not written. */
export function readPosition(text: string): unknown[] {
  let values: unknown;
  try {
    values = decode(Buffer.from(text, 'base64url'))['values'];
  } catch (cause) {
    throw badInput('This is no position in a result. Start again without it.', { cause });
  }
  return (values as unknown[][]).map(([value]) => value);
}
