import { badInput } from '../../errors.ts';
import { decode, encode } from '../../mql/formats.ts';

/**
 * The values that identify a position in an order, as text. As BSON, since in Extended JSON a document such as `{ $oid:
 * … }` would come back as another value. A value may be `undefined` (the key of an empty array, which sorts below
 * null), so each is wrapped in an array.
 */
export function writePosition(values: readonly unknown[]): string {
  const boxed = values.map((value) => (value === undefined ? [] : [value]));
  return Buffer.from(encode({ values: boxed })).toString('base64url');
}

/** @throws HydrogenError bad_input for text that `writePosition` did not write. */
export function readPosition(text: string): unknown[] {
  let values: unknown;
  try {
    values = decode(Buffer.from(text, 'base64url'))['values'];
  } catch (cause) {
    throw badInput('This is not a result position. Start again without it.', { cause });
  }
  return (values as unknown[][]).map(([value]) => value);
}
