import { hash } from 'node:crypto';
import { decode, encode } from '../../../mql/formats.ts';
import { createOccurrences } from './occurrences.ts';

/** Type, name and value of an `_id` that is an ObjectId, in bytes. */
const elementBytes = 1 + 4 + 12;
const objectIdType = 7;
const idName = Buffer.from('_id\0');

const startsWithId = (bson: Uint8Array): boolean =>
  bson[5] === 0x5f && bson[6] === 0x69 && bson[7] === 0x64 && bson[8] === 0;

/** The document with an ObjectId as its first field. */
function withObjectId(bson: Uint8Array, id: Buffer): Uint8Array {
  const made = Buffer.alloc(bson.length + elementBytes);
  made.writeInt32LE(made.length, 0);
  made[4] = objectIdType;
  idName.copy(made, 5);
  id.copy(made, 9, 0, 12);
  made.set(bson.subarray(4), 4 + elementBytes);
  return made;
}

/**
 * Puts the `_id` of each document first, as MongoDB does. A document without one gets an `_id` that depends only on its
 * content (and on how many equal ones came before), so that an import can be repeated without creating duplicates.
 * @throws HydrogenError `bad_input` for bytes that are not BSON
 */
export function identifier(): (bson: Uint8Array) => Uint8Array {
  const occurrences = createOccurrences();
  return (bson) => {
    if (startsWithId(bson)) return bson;
    const document = decode(bson);
    if (Object.hasOwn(document, '_id')) {
      const { _id, ...rest } = document;
      return encode({ _id, ...rest });
    }
    const content = hash('sha256', bson, 'hex');
    const before = occurrences(Buffer.from(content.slice(0, 16), 'hex'));
    const id = before === 0 ? content : hash('sha256', `${content} ${before}`, 'hex');
    return withObjectId(bson, Buffer.from(id.slice(0, 24), 'hex'));
  };
}
