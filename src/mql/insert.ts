import { ObjectId } from 'bson';
import { badInput } from '../errors.ts';
import type { Document } from './types.ts';
import { normalize } from './values/clone.ts';
import { isDocument } from './values/fields.ts';
import { fillTimestamps } from './values/timestamps.ts';
import { T, typeName, typeNumber } from './values/types.ts';

/**
 * The document as an insert stores it: normalised, with `_id` first (a new ObjectId if it has none).
 * @throws HydrogenError bad_input for an `_id` of an invalid type
 */
export function prepareInsert(doc: Document): Document {
  if (!isDocument(doc)) throw badInput('Only documents can be inserted.');
  const { _id = new ObjectId(), ...rest } = normalize(doc);
  const type = typeNumber(_id);
  if (type === T.array || type === T.regex) throw badInput(`An _id cannot be of type ${typeName(_id)}.`);
  if (isDocument(_id) && Object.keys(_id).some((name) => name.startsWith('$'))) {
    throw badInput('The fields of an _id cannot start with $.');
  }
  return fillTimestamps({ _id, ...rest }, new Date());
}
