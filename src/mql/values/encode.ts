import { serialize } from 'bson';
import { badInput } from '../../errors.ts';
import type { Document } from '../types.ts';

/**
 * Writes a document as BSON; `decode` gives it back unchanged. Fields set to `undefined` are left out.
 * @throws HydrogenError bad_input if a value has no BSON form
 */
export function encode(doc: Document): Uint8Array {
  try {
    return serialize(doc, { ignoreUndefined: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown reason';
    throw badInput(`This cannot be written as BSON: ${reason}. Leave it out, or write it in another way.`, {
      cause,
    });
  }
}
