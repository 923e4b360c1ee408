import { binaryParts } from '../values/compare.ts';
import { encode } from '../values/encode.ts';
import { isDocument } from '../values/fields.ts';
import { T, typeNumber } from '../values/types.ts';
import { type ExpressionFamily, unaryOrNull, wrongType } from './operator.ts';

export const sizes: ExpressionFamily = {
  $binarySize: unaryOrNull((value, name) => {
    if (typeof value === 'string') return Buffer.byteLength(value);
    if (typeNumber(value) !== T.binData) throw wrongType(name, 'a string or binary data', value);
    return binaryParts(value).bytes.length;
  }),
  $bsonSize: unaryOrNull((value, name) => {
    if (!isDocument(value)) throw wrongType(name, 'a document', value);
    return encode(value).length;
  }),
};
